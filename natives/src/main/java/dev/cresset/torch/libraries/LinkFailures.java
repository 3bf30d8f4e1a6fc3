package dev.cresset.torch.libraries;

import dev.cresset.config.SystemProperties;
import dev.cresset.engine.EngineException;
import java.nio.file.Path;
import java.util.List;

/** Why a library cannot be loaded, as the system says, and the way out where its words point to one. */
public final class LinkFailures {

    private LinkFailures() {}

    /** For one of the libraries that we load. */
    public static EngineException explained(Path library, LinkageError error) {
        String said = String.valueOf(error.getMessage());
        // The linker begins with the file's name, and the JVM does too.
        String named = library + ": ";
        String bare = said.substring(said.contains(named) ? said.lastIndexOf(named) + named.length() : 0);
        return unavailable("cannot load " + named + bare + wayOut(said), error);
    }

    /** For what JavaCPP loads: it tries several places, and what went wrong in the first of them is the innermost cause. */
    public static EngineException explained(String platform, LinkageError error) {
        Throwable first = error;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        String said = String.valueOf(first.getMessage());
        String missing = "; it comes with the native jars of " + platform
                + ", which Maven adds by itself and Gradle has to be told (see the README)";
        return unavailable(
                "cannot load LibTorch for " + platform + ": " + said + (first == error ? missing : wayOut(said)),
                error);
    }

    /** For what a library needs and the system does not have; it says of each why, beginning with its name. */
    static EngineException missing(Path library, List<String> said) {
        String all = String.join(", ", said);
        return new EngineException(
                EngineException.Kind.UNAVAILABLE,
                "cannot load " + library + ", which needs " + all
                        + (said.stream().anyMatch(GpuFacts::isCudas)
                                ? "; what is CUDA's comes from the jar org.bytedeco:cuda-redist, which has a part of it, from a"
                                        + " CUDA that is installed (ldconfig and LD_LIBRARY_PATH know where), or with PyTorch's"
                                        + " wheel, whose torch/lib -D" + SystemProperties.LIBTORCH + "=DIR names"
                                : wayOut(all)));
    }

    private static EngineException unavailable(String reason, LinkageError error) {
        return new EngineException(EngineException.Kind.UNAVAILABLE, reason, error);
    }

    private static String wayOut(String said) {
        // Code is mapped as what may be executed: a folder mounted noexec refuses that, and nothing else.
        if (said.contains("failed to map segment")) {
            return "; its folder is mounted noexec, it seems: -Dorg.bytedeco.javacpp.cachedir=DIR names another";
        }
        if (said.contains("GLIBCXX_") || said.contains("CXXABI_") || said.contains("libstdc++")) {
            return "; LibTorch needs a libstdc++ that this system does not have";
        }
        // What an old glibc says, and what musl says of anything made for glibc.
        boolean old = said.contains("GLIBC_");
        boolean musl = said.contains("ld-linux") || said.contains("ld-musl") || said.contains("Error relocating");
        return old || musl ? "; LibTorch needs glibc 2.35 or newer (not musl, which Alpine has)" : "";
    }
}
