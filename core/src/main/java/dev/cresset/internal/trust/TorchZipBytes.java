package dev.cresset.internal.trust;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** The bytes of a saved zip, wherever they are. Used by one thread, which closes them. */
interface TorchZipBytes extends Closeable {

    long size() throws IOException;

    void read(long position, byte[] into, int count) throws IOException;

    /** As numbers, the lowest byte first. */
    default ByteBuffer read(long position, int count) throws IOException {
        byte[] read = new byte[count];
        try {
            read(position, read, count);
        } catch (EOFException e) {
            throw new IOException("it was cut while it was read", e);
        }
        return ByteBuffer.wrap(read).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Refuses what lies outside. */
    default void requireInside(long from, long count, String what) throws IOException, DamagedZipException {
        if (from < 0 || count < 0 || from > size() - count) {
            throw new DamagedZipException(what + " lies outside the file");
        }
    }

    /** The same once more, for another thread. */
    TorchZipBytes again() throws IOException;

    @Override
    default void close() throws IOException {}

    /** Not a channel, which the interrupt of a thread would close. */
    record InFile(Path path, RandomAccessFile file) implements TorchZipBytes {

        static InFile open(Path path) throws IOException {
            return new InFile(path, new RandomAccessFile(path.toFile(), "r"));
        }

        @Override
        public long size() throws IOException {
            return file.length();
        }

        @Override
        public void read(long position, byte[] into, int count) throws IOException {
            file.seek(position);
            file.readFully(into, 0, count);
        }

        @Override
        public TorchZipBytes again() throws IOException {
            return open(path);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    record InMemory(ByteBuffer zip) implements TorchZipBytes {

        @Override
        public long size() {
            return zip.limit();
        }

        @Override
        public void read(long position, byte[] into, int count) {
            zip.get((int) position, into, 0, count);
        }

        @Override
        public TorchZipBytes again() {
            return this;
        }
    }
}
