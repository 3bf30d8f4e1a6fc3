package dev.cresset.mar.internal.tar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One header of a tar: a record of 512 bytes that says what follows it.
 *
 * @param rawName the name in bytes, cut off where the header has no room for it
 * @param type the kind of what follows: a file, a folder, or more about the next header
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record TarHeader(byte[] rawName, char type, long size) {
    static final int RECORD = 512;

    private static final int NAME = 0;
    private static final int NAME_LENGTH = 100;
    private static final int SIZE = 124;
    private static final int SIZE_LENGTH = 12;
    private static final int CHECKSUM = 148;
    private static final int CHECKSUM_LENGTH = 8;
    private static final int TYPE = 156;
    private static final int MAGIC = 257;
    private static final int PREFIX = 345;
    private static final int PREFIX_LENGTH = 155;

    /** Marks a number in binary, for what octal digits cannot hold. */
    private static final int BINARY = 0x80;

    /** Marks a negative number in binary. */
    private static final int BINARY_NEGATIVE = 0xff;

    /** Where the numbers lie that nobody here asks for, and their lengths: mode, user, group, time, and a device's two. */
    private static final int[][] OTHER_NUMBERS = {{100, 8}, {108, 8}, {116, 8}, {136, 12}, {329, 8}, {337, 8}};

    /** Reads a record; what is wrong is said by the {@link IllegalArgumentException}. */
    static TarHeader of(byte[] record) {
        require(number(record, CHECKSUM, CHECKSUM_LENGTH) == checksum(record), "a header has a wrong checksum");
        // At a wrong one some readers end the tar without a word, and so see less of it than others.
        for (int[] field : OTHER_NUMBERS) {
            requireNumber(record, field[0], field[1]);
        }
        return new TarHeader(name(record), (char) (record[TYPE] & 0xff), number(record, SIZE, SIZE_LENGTH));
    }

    /** The sum of all bytes, with spaces in place of itself. */
    private static long checksum(byte[] record) {
        long sum = CHECKSUM_LENGTH * (long) ' ';
        for (int i = 0; i < RECORD; i++) {
            if (i < CHECKSUM || i >= CHECKSUM + CHECKSUM_LENGTH) {
                sum += record[i] & 0xff;
            }
        }
        return sum;
    }

    private static byte[] name(byte[] record) {
        byte[] name = text(record, NAME, NAME_LENGTH);
        byte[] prefix = text(record, PREFIX, PREFIX_LENGTH);
        if (prefix.length == 0) {
            return name;
        }
        // Some readers take this for the name's beginning in any tar, others only where the format says so.
        require(Arrays.equals(text(record, MAGIC, 6), new byte[] {'u', 's', 't', 'a', 'r'}), "a name has two readings");
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(prefix);
        whole.write('/');
        whole.writeBytes(name);
        return whole.toByteArray();
    }

    /** Returns a field's bytes up to the first zero. */
    private static byte[] text(byte[] record, int offset, int length) {
        int end = offset;
        while (end < offset + length && record[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(record, offset, end);
    }

    private static long number(byte[] record, int offset, int length) {
        if ((record[offset] & BINARY) != 0) {
            return binary(record, offset, length);
        }
        String digits = digits(record, offset, length);
        return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    }

    private static void requireNumber(byte[] record, int offset, int length) {
        int mark = record[offset] & 0xff;
        if (mark != BINARY && mark != BINARY_NEGATIVE) {
            digits(record, offset, length);
        }
    }

    /** Returns a field's octal digits: between spaces, then zeros or spaces up to its end. */
    private static String digits(byte[] record, int offset, int length) {
        byte[] text = text(record, offset, length);
        String digits = new String(text, StandardCharsets.ISO_8859_1).strip();
        boolean right = digits.chars().allMatch(c -> c >= '0' && c <= '7');
        for (int i = offset + text.length; i < offset + length; i++) {
            right &= record[i] == 0 || record[i] == ' ';
        }
        require(right, "a number is not in octal digits");
        return digits;
    }

    private static long binary(byte[] record, int offset, int length) {
        int high = 0;
        for (int i = offset; i < offset + length - Long.BYTES; i++) {
            high |= i == offset ? record[i] & ~BINARY : record[i];
        }
        long number = 0;
        for (int i = offset + length - Long.BYTES; i < offset + length; i++) {
            number = number << 8 | (record[i] & 0xff);
        }
        require((high & 0xff) == 0 && number >= 0, "a number is negative or too large");
        return number;
    }

    private static void require(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /** Returns how many zeros fill up the last record of a content. */
    static int padding(long size) {
        return (int) (-size & (RECORD - 1));
    }
}
