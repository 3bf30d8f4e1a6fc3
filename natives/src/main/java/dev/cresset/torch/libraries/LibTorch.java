package dev.cresset.torch.libraries;

import dev.cresset.config.SystemProperties;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where LibTorch comes from: a folder that somebody names, or else the presets' jars on the class path. */
public sealed interface LibTorch permits LibTorchFolder, LibTorchJars {

    /** All of it that works on the CPU, and what the rest needs. */
    String TORCH = "libtorch_cpu.so";

    /** What works on GPUs; in the build for them alone. */
    String CUDA = "libtorch_cuda.so";

    /** The one that is to be used here; it has been looked at, and will do for the bridge as far as can be seen. */
    static LibTorch wanted() {
        String folder = System.getProperty(SystemProperties.LIBTORCH, "");
        return folder.isEmpty() ? LibTorchJars.onClassPath() : LibTorchFolder.open(Path.of(folder));
    }

    /** What of it has to be unpacked, of the class path. */
    List<String> resources();

    /** The file {@link #TORCH}. */
    Path torch();

    /** All that it takes to work on the CPU. */
    NeededLibraries forCpu();

    /** All that it takes to work on GPUs; empty if this is the build for CPUs. Unpacks half a gigabyte. */
    Optional<NeededLibraries> forGpu();

    /** Where it comes from, in a few words. */
    String origin();
}
