package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.cresset.Model;
import dev.cresset.ModelLoadException;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A large model lies in a temporary file while it opens. Where there is no place for one, that is said, with the way out. */
@EnabledOnOs(OS.LINUX)
class TemporaryFilesTest {

    private static final String WAY_OUT =
            "); -Djava.io.tmpdir=DIR names a folder that can be written to and has room for it";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Path archive = Path.of("");

    /** Opens an archive and prints why that fails. */
    static final class Opens {
        private Opens() {}

        public static void main(String[] args) throws IOException {
            try (ModelArchive archive = ModelArchive.open(Path.of(System.getProperty("cresset.test.archive")))) {
                Model.open(archive).close();
            } catch (ModelLoadException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @BeforeEach
    void pack() throws IOException {
        archive = folder.resolve("large.mar");
        byte[] model = new byte[17 << 20];
        new Random(1).nextBytes(model);
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            zip.setLevel(Deflater.NO_COMPRESSION);
            zip.putNextEntry(new ZipEntry("model.pt"));
            zip.write(model);
            zip.putNextEntry(new ZipEntry("MAR-INF/MANIFEST.json"));
            zip.write("""
                    {"runtime": "python",
                     "model": {"modelName": "m", "modelVersion": "1", "serializedFile": "model.pt"}}
                    """.getBytes(StandardCharsets.UTF_8));
        }
    }

    private String openWith(String temporary) throws IOException, InterruptedException {
        return ChildJvm.run(
                        Opens.class,
                        entry -> true,
                        folder,
                        "-Dcresset.engine=fake",
                        "-Dcresset.test.archive=" + archive,
                        "-Djava.io.tmpdir=" + temporary)
                .output();
    }

    @Test
    void open_whereThereIsNoFolder_saysWhichAndHowToNameAnother() throws Exception {
        assertThat(openWith("/proc/none"))
                .contains("cannot load large.mar: its model is unpacked to a file while it opens, and /proc/none"
                        + " does not take it (java.nio.file.NoSuchFileException: /proc/none/")
                .contains(WAY_OUT);
    }

    @Test
    void open_whereThereIsTooLittleRoom_saysSoAndLeavesNothing() throws Exception {
        assumeThat(Files.getAttribute(folder, "unix:uid")).isEqualTo(0);
        Path small = Files.createDirectory(folder.resolve("small"));
        Process mount = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=4m", "none", small.toString())
                .redirectErrorStream(true)
                .start();
        assumeThat(mount.waitFor()).as("may mount").isZero();
        try {
            assertThat(openWith(small.toString()))
                    .contains("and " + small + " does not take it (java.io.IOException: No space left on device"
                            + WAY_OUT);
            try (var left = Files.list(small)) {
                assertThat(left.filter(path -> path.getFileName().toString().startsWith("cresset")))
                        .isEmpty();
            }
        } finally {
            new ProcessBuilder("umount", small.toString()).start().waitFor();
        }
    }
}
