package dev.cresset.mar.internal.writing;

import dev.cresset.mar.ModelRuntime;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A handler as {@code torch-model-archiver --handler} takes it: the name of one that TorchServe has, or a file, with or
 * without its ending and the function or class to call: {@code handler.py}, {@code code/handler}, {@code handler:handle}.
 * Or the name of one that Cresset adds; but a Python file of that name is meant first, as by TorchServe.
 *
 * @param text what the manifest says: the name without folders
 * @param file what has to be packed; empty for a handler that TorchServe or Cresset has
 */
public record HandlerName(String text, Optional<Path> file) {
    private static final Set<String> IN_PYTHON = new TreeSet<>(Set.of(
            "base_handler",
            "text_classifier",
            "image_classifier",
            "object_detector",
            "image_segmenter",
            "dali_image_classifier",
            "vllm_handler",
            "trt_llm_handler"));
    private static final Set<String> IN_CRESSET =
            new TreeSet<>(Set.of("sequence_classifier", "text_embedder", "token_classifier"));
    private static final Set<String> IN_CPP = new TreeSet<>(Set.of("BaseHandler", "TorchScriptHandler"));

    public static HandlerName of(String handler, ModelRuntime runtime) {
        if (ownOf(runtime).contains(handler)) {
            return new HandlerName(handler, Optional.empty());
        }
        String base = baseName(handler);
        String folder = handler.substring(0, handler.length() - base.length());
        String module = base.indexOf(':') < 0 ? base : base.substring(0, base.indexOf(':'));
        Path file = Path.of(folder + module + ending(module, runtime));
        boolean cressets = runtime != ModelRuntime.LSP && IN_CRESSET.contains(handler) && !Files.exists(file);
        return new HandlerName(base, cressets ? Optional.empty() : Optional.of(file));
    }

    /** Returns what follows the last folder. */
    public static String baseName(String handler) {
        int slash = Math.max(handler.lastIndexOf('/'), handler.lastIndexOf(File.separatorChar));
        return handler.substring(slash + 1);
    }

    /** Returns the names of TorchServe's own handlers, sorted. */
    public static Set<String> ownOf(ModelRuntime runtime) {
        return runtime == ModelRuntime.LSP ? IN_CPP : IN_PYTHON;
    }

    /** Returns the names of the handlers that Cresset has and TorchServe has not, sorted. */
    public static Set<String> ofCresset() {
        return IN_CRESSET;
    }

    private static String ending(String module, ModelRuntime runtime) {
        if (runtime != ModelRuntime.LSP) {
            return module.contains(".py") ? "" : ".py";
        }
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? ".dylib" : ".so";
    }
}
