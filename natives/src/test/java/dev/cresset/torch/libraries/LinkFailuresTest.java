package dev.cresset.torch.libraries;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.engine.EngineException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What is blamed is what the system says. */
class LinkFailuresTest {

    private static final Path LIBRARY = Path.of("/cache/libtorch_cpu.so");

    private static String reason(String said) {
        EngineException failure = LinkFailures.explained(LIBRARY, new UnsatisfiedLinkError(said));
        assertThat(failure.kind()).isEqualTo(EngineException.Kind.UNAVAILABLE);
        return failure.reason();
    }

    @Test
    void explained_whereNothingMayBeExecuted_blamesTheMount() {
        String said = "/cache/libtorch_cpu.so: failed to map segment from shared object";
        assertThat(reason(said))
                .isEqualTo("cannot load " + said + "; its folder is mounted noexec, it seems:"
                        + " -Dorg.bytedeco.javacpp.cachedir=DIR names another");
        assertThat(reason("/cache/libtorch_cpu.so: " + said)).isEqualTo(reason(said));
    }

    @Test
    void explained_onAnOldOrAnotherLibc_blamesIt() {
        assertThat(reason("/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by it)"))
                .endsWith("; LibTorch needs glibc 2.35 or newer (not musl, which Alpine has)");
        assertThat(reason("Error loading shared library ld-linux-x86-64.so.2: No such file or directory"))
                .endsWith("(not musl, which Alpine has)");
        assertThat(reason("libstdc++.so.6: version `GLIBCXX_3.4.30' not found"))
                .contains("libstdc++ that this system does not have");
    }

    @Test
    void explained_whatIsUnknown_isNotGuessedAt() {
        assertThat(reason("/cache/libtorch_cpu.so: file too short"))
                .isEqualTo("cannot load /cache/libtorch_cpu.so: file too short");
    }

    @Test
    void explained_whatJavaCppTriedFirst_isNamed() {
        UnsatisfiedLinkError last = new UnsatisfiedLinkError("no jnitorch in java.library.path");
        last.initCause(new UnsatisfiedLinkError("libjnitorch.so: failed to map segment from shared object"));
        assertThat(LinkFailures.explained("linux-x86_64", last).reason())
                .startsWith("cannot load LibTorch for linux-x86_64: libjnitorch.so: failed to map segment")
                .contains("noexec")
                .doesNotContain("Gradle");
    }
}
