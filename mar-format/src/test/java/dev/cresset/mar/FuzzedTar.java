package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.Locale;

/** Tars whose headers have right checksums, whatever else is wrong with them. */
final class FuzzedTar {
    private static final int RECORD = 512;

    private FuzzedTar() {}

    /** Puts right the checksum of each record that may be a header: one that starts with something, and is whole. */
    static byte[] withChecksums(byte[] bytes) {
        byte[] tar = bytes.clone();
        for (int record = 0; record + RECORD <= tar.length; record += RECORD) {
            if (tar[record + HostileTar.Header.MAGIC] == 'u') {
                sign(tar, record);
            }
        }
        return tar;
    }

    private static void sign(byte[] tar, int record) {
        int field = record + HostileTar.Header.CHECKSUM;
        Arrays.fill(tar, field, field + 8, (byte) ' ');
        int sum = 0;
        for (int i = record; i < record + RECORD; i++) {
            sum += tar[i] & 0xff;
        }
        byte[] digits = String.format(Locale.ROOT, "%06o\0 ", sum).getBytes(ISO_8859_1);
        System.arraycopy(digits, 0, tar, field, digits.length);
    }
}
