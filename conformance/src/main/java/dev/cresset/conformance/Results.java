package dev.cresset.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A folder with a file for each engine and shard, a line for each trial: what an earlier run has left there is not tried again.
 *
 * <p>Instances are safe for use by several threads, each with an engine and a shard of its own.
 */
record Results(Path folder, Supervisor supervisor) {

    List<Line> of(Shard shard, String engine, List<Way> ways) throws IOException, InterruptedException {
        Path file = folder.resolve(engine + "-" + shard.file().getFileName() + ".tsv");
        List<Line> before = read(file, shard, engine, ways);
        if (before != null) {
            return before;
        }
        List<Line> lines = supervisor.run(shard, engine, ways);
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.write(part, lines.stream().map(Line::toString).toList());
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        return lines;
    }

    /** Nothing, if there is no such file, or one of other cases or ways. */
    private static @Nullable List<Line> read(Path file, Shard shard, String engine, List<Way> ways) throws IOException {
        if (!Files.exists(file)) {
            return null;
        }
        List<String> texts = Files.readAllLines(file);
        List<Line> lines = new ArrayList<>();
        for (Case one : shard.cases()) {
            for (Way way : ways) {
                String text = lines.size() < texts.size() ? texts.get(lines.size()) : "";
                String start = String.join("\t", one.name(), engine, way.toString()) + "\t";
                if (!text.startsWith(start)) {
                    return null;
                }
                lines.add(new Line(one, engine, way, Outcome.parse(text.substring(start.length()))));
            }
        }
        return lines;
    }
}
