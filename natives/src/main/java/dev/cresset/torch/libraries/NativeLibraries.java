package dev.cresset.torch.libraries;

import dev.cresset.config.SystemProperties;
import dev.cresset.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/**
 * Loads LibTorch and the bridge, once a process and for good (docs/decisions/013-class-loaders.md). A process has one
 * LibTorch and one bridge at most: who comes second uses what is there if it is the same, and is refused if not.
 *
 * <p>Only what LibTorch itself needs is loaded; the presets' own JNI library, 30 MB, is not. The system property {@code
 * cresset.bridge} names a bridge library to load instead of the one in the jar.
 */
public final class NativeLibraries {

    /** Where our own libraries lie on the class path. */
    static final String OURS = "dev/cresset/torch/";

    /** NVIDIA's, which comes with no jar and no wheel. */
    static final String DRIVER = "libcuda.so.1";

    private static final String LINKER = "libcressetlinker.so";

    /** The bridge's file, and what it calls itself. */
    public static final String BRIDGE = "libjnicresset.so";

    /**
     * Held while libraries are unpacked and loaded. A literal is one object in all class loaders, which a class of ours is
     * not: two that start at once would load two LibTorchs.
     */
    public static final Object PROCESS = "dev.cresset.torch: loading native libraries";

    /** Whether this class loader has the linker's library. Guarded by {@link #PROCESS}. */
    private static boolean linked;

    private NativeLibraries() {}

    public static boolean isBridgeSupported() {
        return platform().startsWith("linux-") && LibraryUnpacker.isOnClassPath(ours(BRIDGE));
    }

    /**
     * Loads the bridge and what it needs.
     *
     * @return the bridge's file; what was loaded is another if this process had one already
     */
    public static Path loadBridge() {
        if (!isBridgeSupported()) {
            throw new EngineException(
                    EngineException.Kind.UNAVAILABLE,
                    "the bridge is built for linux-x86_64, this is " + platform()
                            + "; the engine 'torch-portable' runs on"
                            + " linux-x86_64, windows-x86_64 and macosx-arm64");
        }
        synchronized (PROCESS) {
            LibTorch torch = LibTorch.wanted();
            LibraryUnpacker.unpackTogether(
                    Stream.concat(Stream.of(ours(LINKER), ours(BRIDGE)), torch.resources().stream())
                            .toList());
            loadLinker();
            String own = System.getProperty(SystemProperties.BRIDGE);
            Path bridge = own != null ? Path.of(own).toAbsolutePath() : LibraryUnpacker.unpacked(ours(BRIDGE));
            if (Linker.find(BRIDGE).isEmpty()) {
                loadLibTorch(torch);
                open(bridge);
            } else if (torch instanceof LibTorchFolder) { // by no accident
                Linker.find(LibTorch.TORCH).ifPresent(there -> requireSame(there, torch.torch()));
            }
            return bridge;
        }
    }

    static void loadLinker() {
        synchronized (PROCESS) {
            if (linked) {
                return;
            }
            Path linker = LibraryUnpacker.unpacked(ours(LINKER));
            try {
                Linker.load(linker);
                linked = true;
            } catch (UnsatisfiedLinkError e) {
                throw LinkFailures.explained(linker, e);
            }
        }
    }

    private static void loadLibTorch(LibTorch torch) {
        Optional<Path> there = Linker.find(LibTorch.TORCH);
        if (there.isPresent()) {
            requireSame(there.get(), torch.torch());
            open(there.get()); // whoever loaded it may unload it, were it not for this
            return;
        }
        open(torch.torch(), torch.forCpu());
    }

    /**
     * Loads what LibTorch needs to work on GPUs, unless it is there: over a gigabyte of code. For whoever wants a device; may be
     * called again, and by several threads.
     *
     * @throws EngineException of kind {@code UNAVAILABLE}, if there is no driver, the LibTorch is the build for CPUs, or
     *     libraries of CUDA are missing; the message says which
     */
    public static void loadCuda() {
        synchronized (PROCESS) {
            loadLinker();
            Optional<String> noDriver = Linker.openByName(DRIVER);
            if (noDriver.isPresent()) {
                throw new EngineException(
                        EngineException.Kind.UNAVAILABLE,
                        "there is no NVIDIA driver here: the system does not load " + noDriver.get()
                                + "; a container gets it from the machine it runs on, by NVIDIA's container toolkit"
                                + " (--gpus all)");
            }
            loadCudaLibraries();
        }
    }

    /** All of that but the driver, which CUDA's libraries look for by themselves when they are used. */
    public static void loadCudaLibraries() {
        synchronized (PROCESS) {
            loadLinker();
            if (Linker.find(LibTorch.CUDA).isPresent()) {
                return;
            }
            LibTorch torch = LibTorch.wanted();
            Linker.find(LibTorch.TORCH).ifPresent(there -> requireSame(there, torch.torch()));
            NeededLibraries needed = torch.forGpu()
                    .orElseThrow(() -> new EngineException(
                            EngineException.Kind.UNAVAILABLE,
                            "the LibTorch of " + torch.origin() + " is the build for CPUs, without " + LibTorch.CUDA
                                    + "; take the build for GPUs (Maven: -Dcresset.gpu), or name the torch/lib of a"
                                    + " PyTorch for CUDA by -D" + SystemProperties.LIBTORCH + "=DIR"));
            open(torch.torch().resolveSibling(LibTorch.CUDA), needed);
        }
    }

    /** Nothing of it, if something is missing: what is loaded cannot be got rid of. */
    private static void open(Path library, NeededLibraries needed) {
        List<String> missing = missing(needed);
        if (!missing.isEmpty()) {
            throw LinkFailures.missing(library, missing);
        }
        needed.toOpen().forEach(NativeLibraries::open);
    }

    /** Of those that the system may have, what it says of each that it has not. The others it loads. */
    static List<String> missing(NeededLibraries needed) {
        return needed.elsewhere().stream()
                .sorted()
                .map(Linker::openByName)
                .flatMap(Optional::stream)
                .toList();
    }

    /** Two LibTorchs end a process, sooner or later. The same one may lie in several folders: one of each jar's name. */
    private static void requireSame(Path there, Path ours) {
        boolean same;
        try {
            same = there.equals(ours) || Files.mismatch(there, ours) < 0;
        } catch (IOException e) {
            same = false; // it is gone, or cannot be read
        }
        if (!same) {
            throw new EngineException(
                    EngineException.Kind.UNAVAILABLE,
                    "this process has another LibTorch already, loaded from " + there + "; it is not " + ours
                            + ", which Cresset was to use, and a process holds one only: use one of the two, or"
                            + " two processes");
        }
    }

    /**
     * For the presets, which load LibTorch from where they unpack it to, whatever is there: nothing else may be in the process,
     * nor be wanted by somebody.
     */
    public static void unpackForPresets() {
        LibTorch wanted = LibTorch.wanted();
        if (wanted instanceof LibTorchFolder folder) {
            throw new EngineException(
                    EngineException.Kind.UNAVAILABLE,
                    "it runs on the LibTorch of the presets' jars alone, and -D" + SystemProperties.LIBTORCH + " names "
                            + folder.folder() + ", which the engine 'torch' can use");
        }
        requireNoOtherLibTorch();
        UnpackFolder.leadJavaCpp();
        if (isBridgeSupported() && wanted instanceof LibTorchJars jars) {
            LibraryUnpacker.unpackTogether(jars.withPresets());
        }
    }

    private static void requireNoOtherLibTorch() {
        Optional<String> there = LoadedLibraries.find(LibTorch.TORCH);
        if (there.isEmpty()) {
            return;
        }
        for (String build : List.of("linux-x86_64", "linux-x86_64-gpu")) {
            String library = "org/bytedeco/pytorch/" + build + "/libtorch_cpu.so";
            if (LibraryUnpacker.isOnClassPath(library)
                    && LibraryUnpacker.unpacked(library).toString().equals(there.get())) {
                return;
            }
        }
        throw new EngineException(
                EngineException.Kind.UNAVAILABLE,
                "this process has a LibTorch already, loaded from " + there.get()
                        + ", and would not survive a second one; use one of the two, or two processes");
    }

    private static void open(Path library) {
        try {
            Linker.open(library);
        } catch (UnsatisfiedLinkError e) {
            throw LinkFailures.explained(library, e);
        }
    }

    /** Where a library of ours lies on the class path. */
    private static String ours(String library) {
        return OURS + platform() + "/" + library;
    }

    /**
     * JavaCPP counts native memory against the size of the heap and fails, falsely, in a process with large models and a
     * small heap. Read when its first class loads; whoever set the limits meant them.
     */
    public static void tameJavaCpp() {
        for (String limit : List.of("org.bytedeco.javacpp.maxBytes", "org.bytedeco.javacpp.maxPhysicalBytes")) {
            if (System.getProperty(limit) == null) {
                System.setProperty(limit, "0");
            }
        }
    }

    /** JavaCPP's name of this platform. */
    public static String platform() {
        return Loader.Detector.getPlatform();
    }
}
