package dev.cresset.torch.libraries;

import dev.cresset.config.SystemProperties;
import dev.cresset.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A LibTorch that is on the machine already, such as {@code torch/lib} of a PyTorch wheel, in the folder that the property
 * {@code cresset.libtorch} names. It is used where it is. Whether it will do is read from its files before any of them is
 * loaded: what is loaded cannot be got rid of.
 *
 * @param folder where libtorch_cpu.so and libc10.so are
 */
record LibTorchFolder(Path folder) implements LibTorch {

    private static final String CORE = "libc10.so";

    static LibTorchFolder open(Path named) {
        if (!Files.isDirectory(named)) {
            throw refused(named, Files.exists(named) ? "is not a folder" : "does not exist");
        }
        try {
            Path folder = named.toRealPath();
            for (String library : List.of(CORE, TORCH)) {
                if (!Files.isRegularFile(folder.resolve(library))) {
                    throw refused(named, "has no " + library + "; a wheel has it in torch/lib");
                }
                requireCpu(named, library, ElfFile.read(folder.resolve(library)));
            }
            requireVersion(named, ElfFile.read(folder.resolve(TORCH)));
            return new LibTorchFolder(folder);
        } catch (IOException e) {
            throw unusable(named, e);
        }
    }

    private static void requireCpu(Path named, String library, ElfFile file) {
        String platform = NativeLibraries.platform();
        String cpu = platform.substring(platform.indexOf('-') + 1);
        if (!file.cpu().equals(cpu)) {
            throw refused(named, "has a " + library + " for " + file.cpu() + ", and this JVM runs on " + cpu);
        }
    }

    private static void requireVersion(Path named, ElfFile torch) throws IOException {
        LibTorchVersion expected = LibTorchVersion.expected();
        Optional<LibTorchVersion> found = LibTorchVersion.of(torch);
        if (found.isEmpty() || !found.get().fits(expected)) {
            throw refused(
                    named,
                    "is LibTorch " + found.map(Object::toString).orElse("of a version that it does not tell")
                            + ", and Cresset is built for " + expected + ": take torch==" + expected.pattern()
                            + ", or leave the property out and use the jars'");
        }
    }

    private NeededLibraries needed(String library) {
        try {
            return NeededLibraries.of(folder.resolve(library), this::find);
        } catch (IOException e) {
            throw unusable(folder, e);
        }
    }

    /** Beside LibTorch, where tools that repair wheels put what they bring. */
    private Optional<Path> find(String name) throws IOException {
        return NeededLibraries.in(List.of(folder, folder.resolve("../../torch.libs")), name);
    }

    private static EngineException unusable(Path named, IOException e) {
        return new EngineException(
                EngineException.Kind.UNAVAILABLE, reason(named, "cannot be used: " + e.getMessage()), e);
    }

    private static EngineException refused(Path named, String what) {
        return new EngineException(EngineException.Kind.UNAVAILABLE, reason(named, what));
    }

    private static String reason(Path named, String what) {
        return "-D" + SystemProperties.LIBTORCH + "=" + named + " " + what;
    }

    @Override
    public List<String> resources() {
        return List.of();
    }

    @Override
    public Path torch() {
        return folder.resolve(TORCH);
    }

    @Override
    public NeededLibraries forCpu() {
        return needed(TORCH);
    }

    @Override
    public Optional<NeededLibraries> forGpu() {
        return Files.isRegularFile(folder.resolve(CUDA)) ? Optional.of(needed(CUDA)) : Optional.empty();
    }

    @Override
    public String origin() {
        return folder + ", which -D" + SystemProperties.LIBTORCH + " names";
    }
}
