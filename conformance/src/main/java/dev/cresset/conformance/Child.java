package dev.cresset.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Works through a shard in a JVM that may die of it. What it is at and what came of it are lines on its output: {@code > 17}
 * before the trial with that number, {@code <} and the outcome after it, {@code .} at the end.
 */
final class Child {

    /** What is done with one case; a test does other things. */
    interface Work {
        Outcome run(Case one, Path module, String engine, Way way);
    }

    private Child() {}

    /** The shard's file, the engine, the ways with commas between them, the number of the first trial. */
    public static void main(String[] args) throws IOException {
        work(args, Trial::run);
    }

    static void work(String[] args, Work work) throws IOException {
        Shard shard = Shard.read(Path.of(args[0]));
        String engine = args[1];
        List<Way> ways = Arrays.stream(args[2].split(",", -1)).map(Way::parse).toList();
        // Where it was started: what a child leaves that dies goes with the results.
        Path folder = Files.createTempDirectory(Path.of("").toAbsolutePath(), "child");
        Path module = folder.resolve("case.pt");
        int trials = shard.cases().size() * ways.size();
        for (int trial = Integer.parseInt(args[3]); trial < trials; trial++) {
            Case one = shard.cases().get(trial / ways.size());
            say("> " + trial);
            shard.unpack(one, module);
            Outcome outcome = work.run(one, module, engine, ways.get(trial % ways.size()));
            say("< " + outcome.toLine());
        }
        Files.deleteIfExists(module);
        Files.delete(folder);
        say(".");
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
