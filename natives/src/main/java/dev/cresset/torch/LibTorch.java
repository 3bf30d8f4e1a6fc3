package dev.cresset.torch;

import java.nio.file.Path;
import java.util.List;

/** Where LibTorch comes from: a folder that somebody names, or else the presets' jars on the class path. */
sealed interface LibTorch permits LibTorchFolder, LibTorchJars {

    /** What the linker knows its heart by. */
    String TORCH = "libtorch_cpu.so";

    /** The one that is to be used here; it has been looked at, and will do for the bridge as far as can be seen. */
    static LibTorch wanted() {
        String folder = System.getProperty(LibTorchFolder.PROPERTY, "");
        return folder.isEmpty() ? LibTorchJars.onClassPath() : LibTorchFolder.open(Path.of(folder));
    }

    /** What of it has to be unpacked, of the class path. */
    List<String> resources();

    /** Its libraries, each before those that need it, for the linker finds what is there already by its name alone. */
    List<Path> libraries();

    /** The file libtorch_cpu.so. */
    Path torch();
}
