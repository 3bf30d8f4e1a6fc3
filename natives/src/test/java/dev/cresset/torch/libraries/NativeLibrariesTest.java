package dev.cresset.torch.libraries;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.torch.ChildJvm;
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
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
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

    /** Says where a library lies, and whether its cache could be written to. */
    static final class Unpacks {
        private Unpacks() {}

        public static void main(String[] args) throws IOException {
            Path cache = Path.of(System.getProperty("org.bytedeco.javacpp.cachedir"));
            System.out.println("writable " + Files.isWritable(cache));
            System.out.println("found "
                    + LibraryUnpacker.unpacked(URI.create(System.getProperty("cresset.test.library"))
                            .toURL()));
        }
    }

    /** As images have it, whose files lost their dates when they were copied. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void unpacked_inACacheThatCannotBeWrittenTo_isUsedAsItIs() throws IOException, InterruptedException {
        Path jar = jar("one", "unpacked long ago");
        Path cache = folder.resolve("cache");
        Path library = cache.resolve(JAR).resolve(LIBRARY);
        Path parent = library.resolve("..").normalize();
        Files.createDirectories(parent);
        Files.writeString(library, "unpacked long ago");
        readOnly(library, parent, cache);
        try {
            ChildJvm child = ChildJvm.runUnprivileged(
                    Unpacks.class,
                    entry -> true,
                    folder,
                    "-Dorg.bytedeco.javacpp.cachedir=" + cache,
                    "-Duser.home=" + folder.resolve("home"),
                    "-Dcresset.test.library=jar:" + jar.toUri() + "!/" + LIBRARY);
            assertThat(child.output()).contains("writable false").contains("found " + library);
        } finally {
            assertThat(cache.toFile().setWritable(true)).isTrue();
            assertThat(parent.toFile().setWritable(true)).isTrue();
        }
    }

    private static void readOnly(Path... files) {
        for (Path file : files) {
            assertThat(file.toFile().setWritable(false)).isTrue();
        }
    }

    private static String contentsUnpackedFrom(Path jar) throws IOException {
        Path file = LibraryUnpacker.unpacked(
                URI.create("jar:" + jar.toUri() + "!/" + LIBRARY).toURL());
        return Files.readString(file);
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
