package dev.cresset.torch;

import dev.cresset.engine.EngineException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The LibTorch of the presets' jars; of the two builds that there are, the one for GPUs, if both are on the class path.
 *
 * @param openblas the folder of OpenBLAS in its jar
 * @param pytorch the folder of LibTorch in its jar
 */
record LibTorchJars(String openblas, String pytorch) implements LibTorch {

    static final String GPU = "-gpu";

    static LibTorchJars onClassPath() {
        String platform = NativeLibraries.platform();
        LibTorchJars cpu = of(platform, "");
        LibTorchJars gpu = of(platform, GPU);
        if (platform.equals("linux-arm64") && !cpu.isThere()) {
            throw new EngineException(
                    EngineException.Kind.UNAVAILABLE,
                    "no jar has a LibTorch for " + platform + "; take that of PyTorch's wheel: " + wheel()
                            + ", unpack all three into one folder, and name its torch/lib by -D"
                            + LibTorchFolder.PROPERTY + "=DIR");
        }
        return gpu.isThere() ? gpu : cpu;
    }

    private static LibTorchJars of(String platform, String build) {
        return new LibTorchJars(
                "org/bytedeco/openblas/" + platform + "/", "org/bytedeco/pytorch/" + platform + build + "/");
    }

    /** The two others are what the wheel's build for GPUs needs on a CPU, too. */
    private static String wheel() {
        return "pip download --only-binary=:all: --no-deps --platform manylinux_2_28_aarch64 torch=="
                + LibTorchVersion.expected().pattern() + " nvidia-cuda-runtime nvidia-cuda-cupti";
    }

    private boolean isThere() {
        return LibraryFiles.isOnClassPath(pytorch + TORCH);
    }

    @Override
    public List<String> resources() {
        return List.of(
                openblas + "libquadmath.so.0",
                openblas + "libgfortran.so.5",
                openblas + "libopenblas.so.0",
                pytorch + "libgomp.so.1",
                pytorch + "libc10.so",
                pytorch + TORCH);
    }

    @Override
    public List<Path> libraries() {
        return resources().stream().map(LibraryFiles::unpacked).toList();
    }

    @Override
    public Path torch() {
        return LibraryFiles.unpacked(pytorch + TORCH);
    }

    /** What the presets' Java API needs besides. */
    List<String> withPresets() {
        return Stream.concat(resources().stream(), Stream.of(pytorch + "libjnitorch.so"))
                .toList();
    }
}
