package dev.cresset.torch;

import dev.cresset.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A LibTorch that is on the machine already, such as {@code torch/lib} of a PyTorch wheel, in the folder that the property
 * {@code cresset.libtorch} names. It is used where it is. Whether it will do is read from its files before any of them is
 * loaded: what is loaded cannot be got rid of.
 *
 * @param folder where libtorch_cpu.so and libc10.so are
 * @param libraries all that is there of what LibTorch needs, in the order to load them in
 */
record LibTorchFolder(Path folder, List<Path> libraries) implements LibTorch {

    static final String PROPERTY = "cresset.libtorch";

    private static final String CORE = "libc10.so";

    LibTorchFolder {
        libraries = List.copyOf(libraries);
    }

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
            Set<Path> libraries = new LinkedHashSet<>();
            addWithNeeded(folder.resolve(TORCH), libraries);
            return new LibTorchFolder(folder, new ArrayList<>(libraries));
        } catch (IOException e) {
            throw new EngineException(
                    EngineException.Kind.UNAVAILABLE, reason(named, "cannot be used: " + e.getMessage()), e);
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

    /** Those that are in the folder; the rest is the system's, or where the library's own search path says. */
    private static void addWithNeeded(Path library, Set<Path> all) throws IOException {
        for (String name : ElfFile.read(library).needed()) {
            Optional<Path> needed = find(library, name);
            if (needed.isPresent() && !all.contains(needed.get())) {
                addWithNeeded(needed.get(), all);
            }
        }
        all.add(library);
    }

    /** Beside it, or where tools that repair wheels put what they bring. */
    private static Optional<Path> find(Path library, String name) {
        Path folder = library.resolveSibling(".");
        for (Path place : List.of(folder, folder.resolve("../../torch.libs"))) {
            Path file = place.resolve(name).normalize();
            if (Files.isRegularFile(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    private static EngineException refused(Path named, String what) {
        return new EngineException(EngineException.Kind.UNAVAILABLE, reason(named, what));
    }

    private static String reason(Path named, String what) {
        return "-D" + PROPERTY + "=" + named + " " + what;
    }

    @Override
    public List<String> resources() {
        return List.of();
    }

    @Override
    public Path torch() {
        return folder.resolve(TORCH);
    }
}
