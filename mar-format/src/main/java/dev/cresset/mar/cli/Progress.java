package dev.cresset.mar.cli;

import dev.cresset.mar.ProgressListener;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Tells a person how far a piece of work is; who starts it closes it when the work is done or failed.
 *
 * <p>Instances are not safe for use by several threads.
 */
interface Progress extends ProgressListener, AutoCloseable {
    @Override
    void close();

    /** Tells nobody. */
    static Progress silent() {
        return new Progress() {
            @Override
            public void progressed(String entry, long doneBytes, long totalBytes) {}

            @Override
            public void close() {}
        };
    }

    /** Writes a line at each tenth, for a log. */
    static Progress inLines(PrintWriter err, String work) {
        return new Lines(err, work);
    }

    /**
     * Keeps one line of a terminal up to date, and takes it away in the end.
     *
     * @param firstNanos how long the work may take before the line appears
     */
    static Progress onTerminal(PrintWriter err, String work, LongSupplier nanos, long firstNanos) {
        return new Line(err, work, nanos, firstNanos);
    }

    /** Returns how much is done; nothing to do is done. */
    static int percent(long doneBytes, long totalBytes) {
        return totalBytes == 0 ? 100 : (int) (100.0 * doneBytes / totalBytes);
    }

    private static String text(String work, long doneBytes, long totalBytes) {
        return String.format(
                Locale.ROOT,
                "%s: %d %%, %,d of %,d bytes",
                work,
                percent(doneBytes, totalBytes),
                doneBytes,
                totalBytes);
    }

    /** A line at each tenth. */
    final class Lines implements Progress {
        private final PrintWriter err;
        private final String work;
        private int tenths;

        private Lines(PrintWriter err, String work) {
            this.err = err;
            this.work = work;
        }

        @Override
        public void progressed(String entry, long doneBytes, long totalBytes) {
            int now = percent(doneBytes, totalBytes) / 10;
            if (now > tenths) {
                tenths = now;
                err.println(text(work, doneBytes, totalBytes));
            }
        }

        @Override
        public void close() {}
    }

    /** One line, written over and over. */
    final class Line implements Progress {
        private static final long BETWEEN = TimeUnit.MILLISECONDS.toNanos(100);

        private final PrintWriter err;
        private final String work;
        private final LongSupplier nanos;
        private long next;
        private int width;

        private Line(PrintWriter err, String work, LongSupplier nanos, long firstNanos) {
            this.err = err;
            this.work = work;
            this.nanos = nanos;
            next = nanos.getAsLong() + firstNanos;
        }

        @Override
        public void progressed(String entry, long doneBytes, long totalBytes) {
            long now = nanos.getAsLong();
            // Nanoseconds wrap around: differences are compared, never times.
            if (now - next < 0) {
                return;
            }
            next = now + BETWEEN;
            String text = text(work, doneBytes, totalBytes);
            write(text);
            width = text.length();
        }

        @Override
        public void close() {
            if (width > 0) {
                write("");
                write("");
            }
        }

        /** Writes over all that the line before had. */
        private void write(String text) {
            err.print("\r" + text + " ".repeat(Math.max(0, width - text.length())));
            err.flush();
            width = text.length();
        }
    }
}
