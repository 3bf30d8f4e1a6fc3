package dev.cresset.torch.libraries;

import java.nio.file.Path;
import java.util.Optional;

/** CUDA's own libraries as the presets' jar {@code cuda-redist} has them; not all of those that LibTorch needs are in it. */
final class CudaJar {

    private CudaJar() {}

    /** The library of this name, unpacked; empty if the class path has none. */
    static Optional<Path> find(String name) {
        String resource = "org/bytedeco/cuda/" + NativeLibraries.platform() + "/" + name;
        return LibraryUnpacker.isOnClassPath(resource)
                ? Optional.of(LibraryUnpacker.unpacked(resource))
                : Optional.empty();
    }
}
