package dev.cresset.torch.libraries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.cresset.consumer.OpensAModel;
import dev.cresset.torch.ChildJvm;
import dev.cresset.torch.PlatformTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Where libraries go in containers: users without a home, folders that cannot be written to, are small, or mounted noexec. */
@EnabledOnOs(OS.LINUX)
class UnpackFolderTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /** Says where libraries would go. */
    static final class Folders {
        private Folders() {}

        public static void main(String[] args) throws IOException {
            UnpackFolder.all().forEach(one -> System.out.println("candidate " + one.path()));
            System.out.println("chosen " + UnpackFolder.withRoomFor(1000).path());
        }
    }

    @Test
    void folder_ofAUserWithoutAName_isInTheEnvironmentsHome() throws Exception {
        ChildJvm child = ChildJvm.run(
                Map.of("HOME", folder.resolve("h").toString()), Folders.class, entry -> true, folder, "-Duser.home=?");
        assertThat(child.output()).contains("chosen " + folder.resolve("h/.javacpp/cache"));
        assertThat(folder.resolve("?")).doesNotExist();
    }

    /** Whoever may write there could put a library of his own in the place of LibTorch's. */
    @Test
    void folder_amongTemporaryFilesThatOthersMayWriteTo_isNotTaken() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Object number = Files.getAttribute(folder, "unix:uid");
        Path forged = Files.createDirectories(temporary.resolve(".javacpp-" + number + "/cache"));
        Files.setPosixFilePermissions(forged, PosixFilePermissions.fromString("rwxrwxrwx"));
        ChildJvm child = ChildJvm.run(
                Map.of("HOME", "/proc/none"),
                Folders.class,
                entry -> true,
                folder,
                "-Duser.home=?",
                "-Duser.name=?",
                "-Djava.io.tmpdir=" + temporary);
        assertThat(child.output()).contains(forged + " belongs to somebody else, or others may write to it");
    }

    @Test
    void folder_ofAUserWithNothing_isOneOfItsOwnAmongTemporaryFiles() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        ChildJvm child = ChildJvm.run(
                Map.of("HOME", "/proc/none"),
                Folders.class,
                entry -> true,
                folder,
                "-Duser.home=?",
                "-Duser.name=?",
                "-Djava.io.tmpdir=" + temporary);
        Object number = Files.getAttribute(folder, "unix:uid");
        assertThat(child.output()).contains("chosen " + temporary.resolve(".javacpp-" + number + "/cache"));
        assertThat(folder.resolve("?")).doesNotExist();
    }

    @Test
    void folder_thatCressetsPropertyNames_holdsLibrariesToo() throws Exception {
        ChildJvm child =
                ChildJvm.run(Folders.class, entry -> true, folder, "-Dcresset.cache=" + folder.resolve("named"));
        assertThat(child.output()).contains("chosen " + folder.resolve("named/libraries"));
    }

    @Test
    void folder_thatIsNamedAndOfNoUse_isSaidAndAnotherTaken() throws Exception {
        ChildJvm child = ChildJvm.run(
                Folders.class, entry -> true, folder, "-Dcresset.cache=/proc/none", "-Duser.home=" + folder);
        assertThat(child.output())
                .contains("INFO: libraries are unpacked elsewhere: /proc/none/libraries cannot be made")
                .contains("chosen " + folder.resolve(".javacpp/cache"));
    }

    @Test
    void folder_withoutRoom_isRefusedWithBothNumbers() {
        assertThatThrownBy(() -> UnpackFolder.withRoomFor(1L << 60))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("that takes 1099511627776 MiB")
                .hasMessageMatching("(?s).* has room for \\d+ MiB only.*-Dcresset\\.cache=DIR names a folder .*");
    }

    @Test
    void noexec_isThatOfTheInnermostMount() {
        List<String> mounts = List.of(
                "22 1 0:21 / / rw,relatime - overlay overlay rw",
                "23 22 0:22 / /tmp rw,nosuid,noexec - tmpfs tmpfs rw",
                "24 23 0:23 / /tmp/a\\040b rw - tmpfs tmpfs rw");
        assertThat(Mounts.isNoexec(Path.of("/tmp/cache"), mounts)).isTrue();
        assertThat(Mounts.isNoexec(Path.of("/tmp/a b/cache"), mounts)).isFalse();
        assertThat(Mounts.isNoexec(Path.of("/home"), mounts)).isFalse();
    }

    /** As in a locale that lacks its characters: nothing can be below it. */
    @Test
    void isNoexec_besideAMountWhoseNameIsNoPath() {
        List<String> mounts = List.of("1 0 0:1 / /a\0b rw,noexec - tmpfs", "2 0 0:1 / /tmp rw,noexec - tmpfs");
        assertThat(Mounts.isNoexec(Path.of("/tmp/cache"), mounts)).isTrue();
    }

    /** What JavaCPP says behind it, of a library that is there, led astray. */
    @Test
    void open_whereNothingCanBeUnpacked_saysWhyAlone() throws Exception {
        ChildJvm child = ChildJvm.run(
                Map.of("HOME", "/proc/none"),
                OpensAModel.class,
                PlatformTest::realEngines,
                folder,
                "-Duser.home=?",
                "-Djava.io.tmpdir=/proc/none");
        assertThat(child.output())
                .contains(
                        "EngineUnavailableException: engine 'torch' cannot run here: cannot unpack LibTorch: that takes ")
                .contains("/proc/none/.javacpp/cache cannot be made")
                .doesNotContain("java.library.path");
        assertThat(folder.resolve("?")).doesNotExist();
    }

    /** A file that was being unpacked when there was no room left would be in the way of whoever makes some. */
    @Test
    void unpack_inAVolumeThatFillsUp_leavesNothing() throws Exception {
        assumeThat(Files.getAttribute(folder, "unix:uid")).isEqualTo(0);
        Path small = Files.createDirectory(folder.resolve("small"));
        Process mount = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=20m", "none", small.toString())
                .redirectErrorStream(true)
                .start();
        assumeThat(mount.waitFor()).as("may mount").isZero();
        try {
            ChildJvm child = ChildJvm.run(
                    Map.of("HOME", small.toString()),
                    OpensAModel.class,
                    PlatformTest::realEngines,
                    folder,
                    "-Duser.home=" + small,
                    "-Djava.io.tmpdir=" + small);
            assertThat(child.output()).contains("has room for 20 MiB only");
            try (var left = Files.walk(small)) {
                assertThat(left.filter(Files::isRegularFile)).isEmpty();
            }
        } finally {
            new ProcessBuilder("umount", small.toString()).start().waitFor();
        }
    }
}
