package dev.cresset.mar;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A program that exercises archives and says of each what came of it, a line each: the first rule that refused it, or what
 * else escaped. To be run in a small heap of its own.
 */
final class SmallHeap {
    static final String ACCEPTED = "ACCEPTED";

    private SmallHeap() {}

    /** Takes the paths of the archives from standard input, a line each. */
    public static void main(String[] args) throws IOException {
        BufferedReader paths = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String path = paths.readLine(); path != null; path = paths.readLine()) {
            System.out.println(outcome(Path.of(path)));
        }
    }

    @SuppressWarnings("CatchAndPrintStackTrace") // What escaped is the answer.
    private static String outcome(Path path) {
        try {
            Exercise.Outcome outcome = Exercise.of(path, path.resolveSibling("out"), ArchiveLimits.defaults());
            return outcome.refusals().isEmpty()
                    ? ACCEPTED
                    : outcome.refusals().get(0).rule().toString();
        } catch (IOException | RuntimeException | Error e) {
            return String.valueOf(e).replace('\n', ' ');
        }
    }
}
