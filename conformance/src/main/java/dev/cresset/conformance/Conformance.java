package dev.cresset.conformance;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs all cases of a folder on every engine, every way, and writes what came of them: what {@code run.sh} starts. */
public final class Conformance {

    static final List<String> ENGINES = List.of("torch", "torch-portable");

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private Conformance() {}

    /**
     * The folder of the cases, a folder for the results and with those of a run that was broken off, the page to write, and {@code --unsafe} for the ways that do not count.
     * Ends with 1 if anything is red and has no explanation.
     */
    public static void main(String[] args) throws Exception {
        Path cases = Path.of(args[0]);
        Path results = Path.of(args[1]);
        boolean unsafe = List.of(args).contains("--unsafe");
        Explanations explanations = Explanations.read(Path.of("explained.txt"));
        List<Shard> shards = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(cases, "*.zip")) {
            for (Path file : files) {
                shards.add(Shard.read(file));
            }
        }
        shards.sort((one, other) -> one.file().compareTo(other.file()));
        Files.createDirectories(results);
        List<Line> lines =
                run(shards, new Results(results, new Supervisor(Child.class, results, PATIENCE)), unsafe, explanations);
        Files.writeString(Path.of(args[2]), new Report(lines, explanations, Provenance.of(cases)).toString());
        List<Line> open = lines.stream().filter(explanations::leavesOpen).toList();
        open.forEach(line -> System.out.println("RED " + line));
        explanations.list().stream()
                .filter(reason -> lines.stream().noneMatch(reason::covers))
                .forEach(reason -> System.out.println("UNUSED EXPLANATION " + reason));
        System.exit(open.isEmpty() ? 0 : 1);
    }

    /** As many children at a time as there are processors. */
    private static List<Line> run(List<Shard> shards, Results results, boolean unsafe, Explanations explanations)
            throws IOException, InterruptedException, ExecutionException {
        List<Callable<List<Line>>> tasks = new ArrayList<>();
        for (String engine : ENGINES) {
            for (Shard shard : shards) {
                tasks.add(() -> {
                    List<Line> lines = results.of(shard, engine, Way.of(engine, unsafe));
                    System.out.println(engine + " " + shard.file().getFileName() + ": " + lines.size() + " trials, "
                            + lines.stream().filter(explanations::leavesOpen).count()
                            + " red");
                    return lines;
                });
            }
        }
        ExecutorService children =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            List<Line> lines = new ArrayList<>();
            for (Future<List<Line>> done : children.invokeAll(tasks)) {
                lines.addAll(done.get());
            }
            return lines;
        } finally {
            children.shutdown();
        }
    }
}
