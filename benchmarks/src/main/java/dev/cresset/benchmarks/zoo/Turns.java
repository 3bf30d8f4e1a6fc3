package dev.cresset.benchmarks.zoo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * The side's half of the conversation with {@link Zoo}: it says that it is ready, then times its call whenever a line with a number of
 * milliseconds comes, until nothing comes any more. {@code zoo/peers.py} speaks the same.
 */
final class Turns {
    /** Lines without it are not for the other side: libraries print what they like. */
    static final String MARK = "zoo ";

    /** A sample takes so long at least, so that asking for the time is no part of it. */
    private static final double SAMPLE_NANOS = 200_000;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Turns() {}

    static void say(String line) {
        System.out.println(MARK + line.replace('\n', ' '));
        System.out.flush();
    }

    /** Times a call whenever it is told to. */
    static void serve(Runnable call, String note) throws IOException {
        int calls = warm(call);
        say("ready " + note);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            say(round(call, calls, Long.parseLong(line) * 1_000_000));
        }
    }

    /** Until the JIT has had its time; how many calls make a sample. */
    private static int warm(Runnable call) {
        long start = System.nanoTime();
        double quickest = Double.MAX_VALUE;
        for (int i = 0; i < 3 || System.nanoTime() - start < 500_000_000; i++) {
            long before = System.nanoTime();
            call.run();
            quickest = Math.min(quickest, (double) (System.nanoTime() - before));
        }
        return (int) Math.max(1, Math.ceil(SAMPLE_NANOS / Math.max(quickest, 100)));
    }

    private static String round(Runnable call, int calls, long nanos) {
        List<Double> cpu = new ArrayList<>();
        List<Double> wall = new ArrayList<>();
        long start = System.nanoTime();
        while (wall.size() < 3 || System.nanoTime() - start < nanos) {
            long cpuBefore = THREADS.getCurrentThreadCpuTime();
            long wallBefore = System.nanoTime();
            for (int i = 0; i < calls; i++) {
                call.run();
            }
            wall.add((System.nanoTime() - wallBefore) / (double) calls);
            cpu.add((THREADS.getCurrentThreadCpuTime() - cpuBefore) / (double) calls);
        }
        return String.format(
                Locale.ROOT, "time %.1f %.1f %.1f %.1f", least(cpu), median(cpu), least(wall), median(wall));
    }

    private static double least(List<Double> all) {
        return Collections.min(all);
    }

    private static double median(List<Double> all) {
        List<Double> sorted = all.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }
}
