package dev.cresset.torch.libraries;

import dev.cresset.config.SystemProperties;
import dev.cresset.engine.EngineException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The LibTorch of the presets' jars; of the two builds that there are, the one for GPUs, if both are on the class path, as
 * JavaCPP has it. CUDA's own libraries are taken from its redist jar, if that is there.
 *
 * @param platform as JavaCPP names it
 * @param extension what distinguishes the build's jar
 */
public record LibTorchJars(String platform, String extension) implements LibTorch {

    private static final String GPU = "-gpu";

    public static LibTorchJars onClassPath() {
        String platform = NativeLibraries.platform();
        LibTorchJars cpu = new LibTorchJars(platform, "");
        LibTorchJars gpu = new LibTorchJars(platform, GPU);
        if (platform.equals("linux-arm64") && !cpu.isThere()) {
            throw new EngineException(
                    EngineException.Kind.UNAVAILABLE,
                    "no jar has a LibTorch for " + platform + "; take that of PyTorch's wheel: " + wheel()
                            + ", unpack all three into one folder, and name its torch/lib by -D"
                            + SystemProperties.LIBTORCH + "=DIR");
        }
        return gpu.isThere() ? gpu : cpu;
    }

    /** The two others are what the wheel's build for GPUs needs on a CPU, too. */
    private static String wheel() {
        return "pip download --only-binary=:all: --no-deps --python-version 3.12 --platform manylinux_2_28_aarch64"
                + " --platform manylinux_2_25_aarch64 --platform manylinux2014_aarch64 torch=="
                + LibTorchVersion.expected().pattern() + " nvidia-cuda-runtime==13.* nvidia-cuda-cupti==13.*";
    }

    private String openblas(String library) {
        return "org/bytedeco/openblas/" + platform + "/" + library;
    }

    private String pytorch(String library) {
        return "org/bytedeco/pytorch/" + platform + extension + "/" + library;
    }

    private boolean isThere() {
        return LibraryUnpacker.isOnClassPath(pytorch(TORCH));
    }

    private boolean isForGpu() {
        return extension.equals(GPU);
    }

    @Override
    public List<String> resources() {
        return List.of(
                openblas("libquadmath.so.0"),
                openblas("libgfortran.so.5"),
                openblas("libopenblas.so.0"),
                pytorch("libgomp.so.1"),
                pytorch("libc10.so"),
                pytorch(TORCH));
    }

    /** What the presets' Java API needs besides. */
    List<String> withPresets() {
        return Stream.concat(resources().stream(), Stream.of(pytorch("libjnitorch.so")))
                .toList();
    }

    @Override
    public Path torch() {
        return LibraryUnpacker.unpacked(pytorch(TORCH));
    }

    @Override
    public NeededLibraries forCpu() {
        if (isForGpu()) {
            return needed(torch());
        }
        // Nothing else is to be looked for: every start goes through here.
        return NeededLibraries.of(LibraryUnpacker.unpacked(resources()));
    }

    @Override
    public Optional<NeededLibraries> forGpu() {
        if (!isForGpu()) {
            return Optional.empty();
        }
        // The last is loaded by LibTorch itself, from beside it.
        LibraryUnpacker.unpackTogether(
                List.of(pytorch("libc10_cuda.so"), pytorch(CUDA), pytorch("libtorch_cuda_linalg.so")));
        return Optional.of(needed(LibraryUnpacker.unpacked(pytorch(CUDA))));
    }

    private NeededLibraries needed(Path library) {
        try {
            return NeededLibraries.of(library, this::find);
        } catch (IOException e) {
            throw new EngineException(EngineException.Kind.UNAVAILABLE, "cannot use LibTorch: " + e.getMessage(), e);
        }
    }

    private Optional<Path> find(String name) throws IOException {
        for (String resource : resources()) {
            if (resource.endsWith("/" + name)) {
                return Optional.of(LibraryUnpacker.unpacked(resource));
            }
        }
        String ofGpus = pytorch(name);
        return LibraryUnpacker.isOnClassPath(ofGpus)
                ? Optional.of(LibraryUnpacker.unpacked(ofGpus))
                : CudaJar.find(name);
    }

    @Override
    public String origin() {
        return "the jars on the class path, pytorch for " + platform + extension;
    }
}
