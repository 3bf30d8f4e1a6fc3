package dev.cresset.torch;

import dev.cresset.testing.NativeImageContract;
import dev.cresset.torch.libraries.LibTorchJars;
import java.util.Set;
import java.util.TreeSet;

class NativeImageTest extends NativeImageContract {
    NativeImageTest() {
        // It finds libraries alone: ours, which are resources of this module, and LibTorch's.
        super("cresset-natives", "LibraryUnpacker.find");
    }

    @Override
    protected Set<String> resourcesOfOthers() {
        return new TreeSet<>(LibTorchJars.onClassPath().resources());
    }
}
