package dev.cresset.mar.internal.zip;

import dev.cresset.mar.internal.archive.Output;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * A zip that is being written, to be read from its start as well as from its end.
 *
 * <p>TorchServe reads zips from the start, by the headers before the entries. So these hold checksum and sizes: they are
 * written first without, and once more when the content is known. (The JDK's own writer would put them behind the
 * content, where a reader cannot find them if it is stored.) Times are those of a clock that the caller names: in a
 * reproducible archive they must not depend on where it is packed. (Commons Compress knows only the clock of the machine,
 * on which some hours do not exist.)
 *
 * <p>Numbers of 4 GiB and more go into ZIP64's fields, as the format's description has it (PKWARE's APPNOTE, 4.3 and 4.5).
 */
public final class ZipOutput implements Output {
    private static final int BUFFER = 1 << 16;

    private static final int LOCAL_HEADER = 0x04034b50;
    private static final int DIRECTORY_HEADER = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int END_64 = 0x06064b50;
    private static final int END_64_LOCATOR = 0x07064b50;

    private static final int LOCAL_HEADER_LENGTH = 30;
    private static final int DIRECTORY_HEADER_LENGTH = 46;
    private static final int END_LENGTH = 22;
    private static final int END_64_LENGTH = 56;
    private static final int END_64_LOCATOR_LENGTH = 20;
    private static final short EXTRA_64 = 1;
    private static final int EXTRA_64_LENGTH = 2 * Short.BYTES;
    private static final short VERSION = 20;
    private static final short VERSION_64 = 45;
    private static final short MADE_ON_UNIX = 3 << 8;
    private static final short NAME_IS_UTF_8 = 1 << 11;
    private static final short STORED = 0;
    private static final short DEFLATED = 8;
    private static final int PLAIN_FILE = 0100644 << 16;

    /** From here on a number is written as this one, and again in a field of 64 bits. */
    private static final long TOO_LARGE = 0xffffffffL;

    private static final int TOO_MANY = 0xffff;

    private final SeekableByteChannel channel;
    private final OutputStream out;
    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, /* nowrap= */ true);
    private final boolean deflate;
    private final ZoneId zone;
    private final List<Written> entries = new ArrayList<>();

    /** What the directory says of an entry. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Written(
            byte[] name, boolean large, int time, int checksum, long compressed, long size, long start) {}

    private ZipOutput(SeekableByteChannel channel, boolean deflate, ZoneId zone) {
        this.channel = channel;
        this.out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
        this.deflate = deflate;
        this.zone = zone;
    }

    public static ZipOutput open(Path path, boolean deflate, ZoneId zone) throws IOException {
        return new ZipOutput(
                Files.newByteChannel(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), deflate, zone);
    }

    @Override
    public void add(String entry, long size, Instant modified, InputStream content) throws IOException {
        byte[] name = entry.getBytes(StandardCharsets.UTF_8);
        boolean large = mostBytes(size) >= TOO_LARGE;
        Written empty = new Written(name, large, dosTime(modified), 0, 0, 0, position());
        write(localHeader(empty, method()));
        long begin = position();
        CRC32 checksum = new CRC32();
        copy(new CheckedInputStream(content, checksum));
        long compressed = position() - begin;
        Written written =
                new Written(name, large, empty.time(), (int) checksum.getValue(), compressed, size, empty.start());
        rewrite(localHeader(written, method()), written.start());
        entries.add(written);
    }

    /** Deflating may make a content larger; by how much at most is the deflater's business, this is more. */
    private long mostBytes(long size) {
        return deflate ? size + size / 8 + 1000 : size;
    }

    private void copy(InputStream content) throws IOException {
        if (!deflate) {
            content.transferTo(out);
            return;
        }
        deflater.reset();
        DeflaterOutputStream deflated = new DeflaterOutputStream(out, deflater, BUFFER);
        content.transferTo(deflated);
        deflated.finish();
    }

    private static ByteBuffer localHeader(Written entry, short method) {
        List<Long> extra = entry.large() ? List.of(entry.size(), entry.compressed()) : List.of();
        ByteBuffer header = buffer(LOCAL_HEADER_LENGTH + entry.name().length + extraLength(extra))
                .putInt(LOCAL_HEADER)
                .putShort(entry.large() ? VERSION_64 : VERSION)
                .putShort(NAME_IS_UTF_8)
                .putShort(method)
                .putInt(entry.time())
                .putInt(entry.checksum())
                .putInt((int) (entry.large() ? TOO_LARGE : entry.compressed()))
                .putInt((int) (entry.large() ? TOO_LARGE : entry.size()))
                .putShort((short) entry.name().length)
                .putShort((short) extraLength(extra))
                .put(entry.name());
        return putExtra(header, extra).flip();
    }

    private static ByteBuffer directoryHeader(Written entry, short method) {
        List<Long> extra = Stream.of(entry.size(), entry.compressed(), entry.start())
                .filter(number -> number >= TOO_LARGE)
                .toList();
        short version = entry.large() || !extra.isEmpty() ? VERSION_64 : VERSION;
        ByteBuffer header = buffer(DIRECTORY_HEADER_LENGTH + entry.name().length + extraLength(extra))
                .putInt(DIRECTORY_HEADER)
                .putShort((short) (MADE_ON_UNIX | version))
                .putShort(version)
                .putShort(NAME_IS_UTF_8)
                .putShort(method)
                .putInt(entry.time())
                .putInt(entry.checksum())
                .putInt((int) Math.min(entry.compressed(), TOO_LARGE))
                .putInt((int) Math.min(entry.size(), TOO_LARGE))
                .putShort((short) entry.name().length)
                .putShort((short) extraLength(extra))
                .putShort(/* comment */ (short) 0)
                .putShort(/* disk */ (short) 0)
                .putShort(/* is text */ (short) 0)
                .putInt(PLAIN_FILE)
                .putInt((int) Math.min(entry.start(), TOO_LARGE))
                .put(entry.name());
        return putExtra(header, extra).flip();
    }

    private static int extraLength(List<Long> numbers) {
        return numbers.isEmpty() ? 0 : EXTRA_64_LENGTH + numbers.size() * Long.BYTES;
    }

    private static ByteBuffer putExtra(ByteBuffer header, List<Long> numbers) {
        if (!numbers.isEmpty()) {
            header.putShort(EXTRA_64).putShort((short) (numbers.size() * Long.BYTES));
            numbers.forEach(header::putLong);
        }
        return header;
    }

    @Override
    public void finish() throws IOException {
        long start = position();
        for (Written entry : entries) {
            write(directoryHeader(entry, method()));
        }
        long end = position();
        if (entries.size() >= TOO_MANY || end >= TOO_LARGE) {
            write(end64(start, end));
        }
        write(buffer(END_LENGTH)
                .putInt(END)
                .putInt(/* disks */ 0)
                .putShort((short) Math.min(entries.size(), TOO_MANY))
                .putShort((short) Math.min(entries.size(), TOO_MANY))
                .putInt((int) Math.min(end - start, TOO_LARGE))
                .putInt((int) Math.min(start, TOO_LARGE))
                .putShort(/* comment */ (short) 0)
                .flip());
        out.flush();
    }

    private ByteBuffer end64(long start, long end) {
        return buffer(END_64_LENGTH + END_64_LOCATOR_LENGTH)
                .putInt(END_64)
                .putLong(/* what follows */ END_64_LENGTH - Integer.BYTES - Long.BYTES)
                .putShort((short) (MADE_ON_UNIX | VERSION_64))
                .putShort(VERSION_64)
                .putLong(/* disks */ 0)
                .putLong(entries.size())
                .putLong(entries.size())
                .putLong(end - start)
                .putLong(start)
                .putInt(END_64_LOCATOR)
                .putInt(/* disk */ 0)
                .putLong(end)
                .putInt(/* disks */ 1)
                .flip();
    }

    /** The clock of a zip counts in steps of two seconds. */
    private int dosTime(Instant time) {
        LocalDateTime local = LocalDateTime.ofInstant(time, zone);
        int date = ((local.getYear() - 1980) << 9) | (local.getMonthValue() << 5) | local.getDayOfMonth();
        return (date << 16) | (local.getHour() << 11) | (local.getMinute() << 5) | (local.getSecond() / 2);
    }

    private short method() {
        return deflate ? DEFLATED : STORED;
    }

    private static ByteBuffer buffer(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void write(ByteBuffer bytes) throws IOException {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        out.write(copy);
    }

    private void rewrite(ByteBuffer bytes, long start) throws IOException {
        long end = position();
        channel.position(start);
        write(bytes);
        out.flush();
        channel.position(end);
    }

    private long position() throws IOException {
        out.flush();
        return channel.position();
    }

    @Override
    public void close() throws IOException {
        deflater.end();
        channel.close();
    }
}
