package dev.cresset.conformance;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Has children work through shards. When one dies, the trial that it was at has crashed, and another child goes on behind it; one
 * that says nothing for too long is ended, and its trial timed out.
 *
 * <p>Instances are safe for use by several threads.
 */
final class Supervisor {

    private final Class<?> main;
    private final Path folder;
    private final Duration patience;

    /**
     * @param main the children's class: {@link Child}, or a test's
     * @param folder for what they write to their standard error, and for what the JVM leaves of them
     * @param patience how long a trial may take
     */
    Supervisor(Class<?> main, Path folder, Duration patience) {
        this.main = main;
        this.folder = folder;
        this.patience = patience;
    }

    /** A line for each case and way, in order. */
    List<Line> run(Shard shard, String engine, List<Way> ways) throws IOException, InterruptedException {
        List<Outcome> outcomes = new ArrayList<>();
        int trials = shard.cases().size() * ways.size();
        while (outcomes.size() < trials) {
            goOn(shard, engine, ways, outcomes);
        }
        List<Line> lines = new ArrayList<>();
        for (int trial = 0; trial < trials; trial++) {
            Case one = shard.cases().get(trial / ways.size());
            lines.add(new Line(one, engine, ways.get(trial % ways.size()), outcomes.get(trial)));
        }
        return lines;
    }

    /** One child's life: it ends with the shard, or with a trial that is lost. */
    private void goOn(Shard shard, String engine, List<Way> ways, List<Outcome> outcomes)
            throws IOException, InterruptedException {
        Process child = start(shard, engine, ways, outcomes.size());
        BufferedReader output = child.inputReader(StandardCharsets.UTF_8);
        ExecutorService reader = Executors.newSingleThreadExecutor();
        try {
            boolean inTrial = false;
            while (true) {
                String line = reader.submit(output::readLine).get(patience.toMillis(), TimeUnit.MILLISECONDS);
                if (line == null) {
                    lost(inTrial, Outcome.Verdict.CRASHED, "exit code " + child.waitFor(), outcomes);
                    return;
                } else if (line.equals(".")) {
                    return;
                } else if (line.startsWith("> ")) {
                    inTrial = true;
                } else if (line.startsWith("< ") && inTrial) {
                    outcomes.add(Outcome.parse(line.substring(2)));
                    inTrial = false;
                } // else a library has something to say
            }
        } catch (TimeoutException e) {
            lost(true, Outcome.Verdict.TIMED_OUT, "no answer in " + patience.toSeconds() + " s", outcomes);
        } catch (ExecutionException e) {
            throw new IOException("cannot read what a child says", e);
        } finally {
            child.destroyForcibly().waitFor();
            reader.shutdown();
            output.close(); // not before: it waits for whoever reads
        }
    }

    private void lost(boolean inTrial, Outcome.Verdict verdict, String detail, List<Outcome> outcomes) {
        if (!inTrial) {
            throw new IllegalStateException(
                    "a child ended before its first trial or between two, " + detail + "; see " + log());
        }
        outcomes.add(Outcome.of(verdict, detail));
    }

    private Process start(Shard shard, String engine, List<Way> ways, int first) throws IOException {
        Files.createDirectories(folder);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:-CreateCoredumpOnCrash"));
        // A bridge of one's own, and a cache that is off, are so for the children too.
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("cresset."))
                .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.add(shard.file().toAbsolutePath().toString());
        command.add(engine);
        command.add(ways.stream().map(Way::toString).collect(Collectors.joining(",")));
        command.add(Integer.toString(first));
        ProcessBuilder child = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(log()));
        // Some operators have a warning for each call.
        child.environment().put("TORCH_CPP_LOG_LEVEL", "ERROR");
        return child.start();
    }

    private File log() {
        return folder.resolve("children.log").toFile();
    }
}
