package dev.cresset.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a JVM's end, by what it leaves. */
class ExitDiagnosisTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static WatchedProcess.End end(int exitCode, String output) {
        return new WatchedProcess.End(WatchedProcess.Fate.ENDED, exitCode, output, OptionalLong.empty());
    }

    private Path errors(String... lines) throws IOException {
        return Files.writeString(folder.resolve("errors.log"), String.join("\n", lines) + "\n");
    }

    @Test
    void of_aCrashInALibrary_namesTheSignalAndTheFunctionInShort() throws IOException {
        Path errors = errors(
                "# A fatal error has been detected by the Java Runtime Environment:",
                "#",
                "#  SIGSEGV (0xb) at pc=0x00007f5c1d56c983, pid=32196, tid=32197",
                "#",
                "# Problematic frame:",
                "# C  [libtorch_cpu.so+0x776c983]  void c10::function_ref<void (char**, long const*, long)>"
                        + "::callback_fn<at::(anonymous namespace)::copy(at::Tensor&)::{lambda()#5}>(long, char**)+0x4e3",
                "#");

        assertThat(ExitDiagnosis.of(end(134, "noise"), errors))
                .isEqualTo("SIGSEGV in [libtorch_cpu.so+0x776c983] void c10::function_ref::callback_fn+0x4e3");
    }

    @Test
    void of_anAbort_tellsWhatCppSaid() {
        String output = """
                terminate called after throwing an instance of 'c10::Error'
                  what():  no storage
                Exception raised from nowhere
                """;

        assertThat(ExitDiagnosis.of(end(134, output), folder.resolve("none")))
                .isEqualTo("SIGABRT after it wrote: what(): no storage");
    }

    @Test
    void of_aStackThatIsUsedUp_tellsTheSignal() {
        assertThat(ExitDiagnosis.of(end(139, ""), folder.resolve("none"))).isEqualTo("SIGSEGV");
    }

    @Test
    void of_anExit_tellsTheCode() {
        assertThat(ExitDiagnosis.of(end(3, "a\nlast\n\n"), folder.resolve("none")))
                .isEqualTo("exit code 3 after it wrote: last");
    }

    @Test
    void isOfMemory_theJvmHadNone() throws IOException {
        Path errors = errors("# There is insufficient memory for the Java Runtime Environment to continue.");

        assertThat(ExitDiagnosis.isOfMemory(end(1, ""), errors)).isTrue();
    }
}
