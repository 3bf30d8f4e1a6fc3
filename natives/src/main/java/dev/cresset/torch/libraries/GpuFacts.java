package dev.cresset.torch.libraries;

import dev.cresset.engine.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which LibTorch is there, and what of that which it takes to work on GPUs; for {@code Doctor}. Loads what is found, as an engine
 * would.
 */
public final class GpuFacts {

    private static final Path NVIDIA = Path.of("/proc/driver/nvidia");

    private GpuFacts() {}

    public static Map<String, String> all() {
        Map<String, String> facts = new LinkedHashMap<>();
        if (!NativeLibraries.isBridgeSupported()) {
            facts.put("LibTorch", "the presets', and not looked at on " + NativeLibraries.platform());
            return facts;
        }
        try {
            NativeLibraries.loadLinker();
            addLibTorch(LibTorch.wanted(), facts);
        } catch (EngineException e) {
            facts.put("LibTorch", e.reason());
        } catch (IOException e) {
            facts.put("LibTorch", e.toString());
        }
        return facts;
    }

    private static void addLibTorch(LibTorch torch, Map<String, String> facts) throws IOException {
        facts.put("LibTorch", torch.origin());
        facts.put(
                "version",
                LibTorchVersion.of(ElfFile.read(torch.torch()))
                        .map(LibTorchVersion::toString)
                        .orElse("unknown"));
        facts.put("NVIDIA driver", driver());
        facts.put("NVIDIA devices", devices());
        Optional<NeededLibraries> needed = torch.forGpu();
        facts.put("build", needed.isPresent() ? "for GPUs" : "for CPUs");
        if (needed.isPresent()) {
            addCuda(needed.get(), facts);
        }
    }

    private static void addCuda(NeededLibraries needed, Map<String, String> facts) {
        List<String> missing = NativeLibraries.missing(needed);
        Map<Path, List<String>> found = needed.files().stream()
                .filter(file -> isCudas(String.valueOf(file.getFileName())))
                .collect(Collectors.groupingBy(
                        Path::getParent,
                        LinkedHashMap::new,
                        Collectors.mapping(file -> String.valueOf(file.getFileName()), Collectors.toList())));
        found.forEach((folder, names) -> facts.put("in " + folder, String.join(", ", names)));
        facts.put("missing", missing.isEmpty() ? "nothing" : String.join(", ", missing));
        try {
            NativeLibraries.loadCudaLibraries();
            facts.put(LibTorch.CUDA, "loads");
        } catch (EngineException e) {
            facts.put(LibTorch.CUDA, "does not load" + (missing.isEmpty() ? ": " + e.reason() : ""));
        }
    }

    /** By its name. */
    static boolean isCudas(String library) {
        return library.startsWith("libcu") || library.startsWith("libnv") || library.startsWith("libnccl");
    }

    private static String driver() {
        Optional<String> missing = Linker.openByName(NativeLibraries.DRIVER);
        if (missing.isPresent()) {
            return "none: the system does not load " + missing.get();
        }
        String version = firstLine(NVIDIA.resolve("version"));
        return NativeLibraries.DRIVER + " loads" + (version.isEmpty() ? "" : ", " + version);
    }

    /** As the driver lists them, which are not always those that a container may use. */
    private static String devices() {
        List<String> models = new ArrayList<>();
        try (DirectoryStream<Path> gpus = Files.newDirectoryStream(NVIDIA.resolve("gpus"))) {
            for (Path gpu : gpus) {
                models.add(firstLine(gpu.resolve("information"))
                        .replaceFirst("^Model:\\s*", "")
                        .strip());
            }
        } catch (IOException e) {
            return "none"; // no driver
        }
        return models.isEmpty() ? "none" : models.size() + ": " + String.join(", ", models);
    }

    private static String firstLine(Path file) {
        try (var lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return lines.findFirst().orElse("");
        } catch (IOException e) {
            return "";
        }
    }
}
