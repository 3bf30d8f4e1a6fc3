package dev.cresset.torch.libraries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What is read of a library's file, and what becomes of one that is damaged. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class ElfFileTest {

    private static final String FUNCTION = "aoti_torch_abi_version";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static Path library(String name) {
        return LibTorchJars.onClassPath().forCpu().files().stream()
                .filter(file -> file.endsWith(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void read_ofALibrary_saysWhatItNeedsAndWhere() throws IOException {
        ElfFile torch = ElfFile.read(library("libtorch_cpu.so"));

        assertThat(torch.cpu()).isEqualTo("x86_64");
        assertThat(torch.needed()).contains("libc10.so", "libgomp.so.1", "libc.so.6");
        assertThat(torch.runpath()).contains(library("libtorch_cpu.so").getParent());
        assertThat(torch.rpath()).isEmpty();
    }

    @Test
    void code_ofAFunctionThatIsNotThere_isNone() throws IOException {
        assertThat(ElfFile.read(library("libc10.so")).code(FUNCTION, 16)).isEmpty();
        assertThat(ElfFile.read(library("libtorch_cpu.so")).code(FUNCTION, 16)).isPresent();
    }

    @Test
    void read_ofNoLibrary_saysSo() throws IOException {
        Path text = Files.writeString(
                folder.resolve("text"), "not a library, but long enough for its first lines".repeat(3));
        Path empty = Files.createFile(folder.resolve("empty"));

        assertThatThrownBy(() -> ElfFile.read(text)).hasMessage(text + " is not a shared library of 64-bit Linux");
        assertThatThrownBy(() -> ElfFile.read(empty)).hasMessage(empty + " is cut off, or damaged");
    }

    /** Damaged wherever it is read: an answer or an IOException, never anything else, and never for long. */
    @Test
    void read_ofDamagedLibraries_isRefusedOrAnswers() throws IOException {
        byte[] sound = Files.readAllBytes(library("libgomp.so.1"));
        long seed = Long.getLong("cresset.seed", new Random().nextLong());
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < 200; i++) {
            byte[] damaged = sound.clone();
            for (int j = 0; j < 8; j++) {
                damaged[random.nextInt(i % 2 == 0 ? 1024 : damaged.length)] = (byte) random.nextInt(256);
            }
            Path file = Files.write(folder.resolve("damaged.so"), damaged);
            try {
                ElfFile read = ElfFile.read(file);
                read.rpath();
                read.runpath();
                read.code("GOMP_parallel", 16);
            } catch (IOException e) {
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("-Dcresset.seed=" + seed + ", file " + i, e);
            }
        }
        assertThat(refused).isPositive();
    }
}
