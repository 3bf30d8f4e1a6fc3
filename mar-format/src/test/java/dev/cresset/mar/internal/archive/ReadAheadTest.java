package dev.cresset.mar.internal.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What another thread reads arrives as if this one had read it, failures too; and no thread stays. */
class ReadAheadTest {

    /** As many as several rounds of the buffers take, and some. */
    private static final int MANY = 3_000_001;

    private final byte[] content = new byte[MANY];
    private final Watched source = new Watched(new ByteArrayInputStream(content));

    ReadAheadTest() {
        new Random(7).nextBytes(content);
    }

    /** Knows who reads it, and whether it is closed. */
    private static final class Watched extends FilterInputStream {
        private volatile Thread reader = Thread.currentThread();
        private volatile boolean closed;

        Watched(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            reader = Thread.currentThread();
            return super.read(into, offset, length);
        }

        @Override
        public void close() throws IOException {
            closed = true;
            super.close();
        }
    }

    private void assertOver() {
        assertThat(source.reader).isNotSameAs(Thread.currentThread());
        assertThat(source.reader.isAlive()).isFalse();
        assertThat(source.closed).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1 << 10, 1 << 18, 1 << 20})
    void read_givesWhatTheSourceHas(int atATime) throws IOException {
        byte[] found = new byte[MANY];
        try (InputStream ahead = ReadAhead.start(source)) {
            int count = 0;
            for (int at = 0; at < MANY; at += count) {
                count = ahead.read(found, at, Math.min(atATime, MANY - at));
                assertThat(count).isPositive();
            }
            assertThat(ahead.read()).isNegative();
            assertThat(ahead.read(found)).isNegative();
        }

        assertThat(found).isEqualTo(content);
        assertOver();
    }

    @Test
    void read_ofNothing_ends() throws IOException {
        try (InputStream ahead = ReadAhead.start(InputStream.nullInputStream())) {
            assertThat(ahead.read()).isNegative();
        }
    }

    /** A source that gives all bytes, and then this. */
    private static InputStream endingIn(byte[] content, Throwable failure) {
        return new SequenceInputStream(new ByteArrayInputStream(content), new BulkInput() {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                if (failure instanceof Error error) {
                    throw error;
                } else if (failure instanceof RuntimeException unchecked) {
                    throw unchecked;
                }
                throw (IOException) failure;
            }
        });
    }

    private void assertThrown(Throwable failure) throws IOException {
        try (InputStream ahead = ReadAhead.start(endingIn(content, failure))) {
            assertThat(ahead.readNBytes(MANY)).isEqualTo(content);
            assertThatThrownBy(ahead::read).isSameAs(failure);
            assertThatThrownBy(ahead::read).isSameAs(failure);
        }
    }

    @Test
    void read_whereTheSourceFails_failsThereAndNotBefore() throws IOException {
        assertThrown(new IOException("damaged"));
        assertThrown(new IllegalStateException("closed"));
        assertThrown(new OutOfMemoryError("none left"));
    }

    @Test
    void close_inTheMiddle_endsTheThreadFirst() throws IOException {
        try (InputStream ahead = ReadAhead.start(source)) {
            assertThat(ahead.read()).isEqualTo(content[0] & 0xff);
        }
        assertOver();
    }

    @Test
    void close_beforeAnyRead_andTwice() throws IOException {
        InputStream ahead = ReadAhead.start(source);
        ahead.close();
        ahead.close();

        assertThat(source.closed).isTrue();
        assertThat(source.reader.isAlive() && source.reader != Thread.currentThread())
                .isFalse();
    }

    @Test
    void read_interrupted_goesOnAndStaysInterrupted() throws IOException {
        Thread.currentThread().interrupt();
        try (InputStream ahead = ReadAhead.start(source)) {
            assertThat(ahead.readAllBytes()).isEqualTo(content);
        }

        assertThat(Thread.interrupted()).isTrue();
        assertOver();
    }
}
