package dev.cresset.torch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPInputStream;

/** The programs of {@code fixtures/pt2}, which are packed there: each is unpacked when it is first asked for. */
final class Pt2Fixtures {

    private static final Map<String, Path> UNPACKED = new ConcurrentHashMap<>();

    private Pt2Fixtures() {}

    static Path path(String name) {
        return UNPACKED.computeIfAbsent(name, Pt2Fixtures::unpacked);
    }

    private static Path unpacked(String name) {
        try (InputStream in =
                new GZIPInputStream(Files.newInputStream(Fixtures.path("pt2").resolve(name + ".gz")))) {
            Path folder = Files.createTempDirectory("cresset-pt2");
            folder.toFile().deleteOnExit();
            Path file = folder.resolve(Path.of(name).getFileName());
            Files.copy(in, file);
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
