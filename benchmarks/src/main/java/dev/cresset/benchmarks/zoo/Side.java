package dev.cresset.benchmarks.zoo;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A process that computes one model in one way, and takes a turn when it is told to; see {@link Turns}. */
final class Side implements AutoCloseable {
    private static final String ENDED = "ended";

    private final Process process;
    private final BlockingQueue<String> said = new ArrayBlockingQueue<>(1000);

    Side(List<String> command, Path directory, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("OPENBLAS_"));
        builder.environment().put("PYTHONUNBUFFERED", "1");
        process = builder.start();
        Thread reader = new Thread(this::read, "side");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(Turns.MARK)) {
                    said.offer(line.substring(Turns.MARK.length()));
                }
            }
        } catch (IOException closed) {
            // It was ended while it was read; there is nothing left to say.
        } finally {
            said.offer(ENDED);
        }
    }

    /** What it says next; that it died, or that it said nothing in time, is said for it. */
    String next(long seconds) throws InterruptedException {
        String line = said.poll(seconds, TimeUnit.SECONDS);
        if (line == null) {
            process.destroyForcibly();
            return "died without a word for " + seconds + " s";
        }
        if (line.equals(ENDED)) {
            return "died with exit code " + process.waitFor();
        }
        return line;
    }

    /** Its turn: nanoseconds a call, CPU (least, median) and wall (least, median), after the word {@code time}. */
    String round(long millis) throws InterruptedException {
        try {
            OutputStream commands = process.getOutputStream();
            commands.write((millis + "\n").getBytes(StandardCharsets.UTF_8));
            commands.flush();
        } catch (IOException e) {
            return "died with exit code " + process.waitFor();
        }
        return next(120 + millis / 1000);
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The command of a JVM that runs a class of this package. */
    static List<String> jvm(String classpath, List<String> options, String main) {
        String java = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
        List<String> command = new ArrayList<>(List.of(java, "-Xmx1g", "-Dcresset.cache=off"));
        command.addAll(options);
        command.addAll(List.of("-cp", classpath, "dev.cresset.benchmarks.zoo." + main));
        return command;
    }
}
