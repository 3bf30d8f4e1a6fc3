package dev.cresset.torch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library that is loaded is the one on the class path. */
class NativeLibrariesTest {

    private static final String JAR = "cresset-of-a-test-SNAPSHOT.jar";
    private static final String LIBRARY = "dev/cresset/torch/library.so";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @AfterEach
    void deleteFromCache() throws IOException {
        Path unpacked = Loader.getCacheDir().toPath().resolve(JAR);
        for (String part : new String[] {LIBRARY, "dev/cresset/torch", "dev/cresset", "dev", ""}) {
            Files.deleteIfExists(unpacked.resolve(part));
        }
    }

    /** JavaCPP takes a file of the same size and date for the same, and builds that can be repeated have one date. */
    @Test
    void unpacked_afterAnotherBuildOfTheSameSizeAndDate_isTheNewOne() throws IOException {
        assertThat(contentsUnpackedFrom(jar("one", "the first build"))).isEqualTo("the first build");
        Path other = jar("two", "another build!!");
        assertThat(contentsUnpackedFrom(other)).isEqualTo("another build!!");
        File[] left = Loader.getCacheDir()
                .toPath()
                .resolve(JAR)
                .resolve(LIBRARY)
                .toFile()
                .getParentFile()
                .listFiles();
        assertThat(left).hasSize(1);
    }

    private static String contentsUnpackedFrom(Path jar) throws IOException {
        File file = NativeLibraries.unpacked(
                URI.create("jar:" + jar.toUri() + "!/" + LIBRARY).toURL());
        return Files.readString(file.toPath());
    }

    private Path jar(String build, String contents) throws IOException {
        Path jar = Files.createDirectories(folder.resolve(build)).resolve(JAR);
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            ZipEntry entry = new ZipEntry(LIBRARY);
            entry.setLastModifiedTime(FileTime.from(Instant.parse("2026-11-23T00:00:00Z")));
            zip.putNextEntry(entry);
            zip.write(contents.getBytes(UTF_8));
        }
        // Not the entry's date, but the jar's is what a connection to it has.
        Files.setLastModifiedTime(jar, FileTime.from(Instant.parse("2026-11-23T00:00:00Z")));
        return jar;
    }
}
