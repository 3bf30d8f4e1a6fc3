package dev.cresset.mar;

import java.io.File;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A handler as {@code torch-model-archiver --handler} takes it: the name of one that TorchServe has, or a file, with or
 * without its ending and the function or class to call: {@code handler.py}, {@code code/handler}, {@code handler:handle}.
 *
 * @param text what the manifest says: the name without folders
 * @param file what has to be packed; empty for a handler of TorchServe's own
 */
record HandlerName(String text, Optional<Path> file) {
    private static final Set<String> IN_PYTHON = new TreeSet<>(Set.of(
            "base_handler",
            "text_classifier",
            "image_classifier",
            "object_detector",
            "image_segmenter",
            "dali_image_classifier",
            "vllm_handler",
            "trt_llm_handler"));
    private static final Set<String> IN_CPP = new TreeSet<>(Set.of("BaseHandler", "TorchScriptHandler"));

    static HandlerName of(String handler, ModelRuntime runtime) {
        if (ownOf(runtime).contains(handler)) {
            return new HandlerName(handler, Optional.empty());
        }
        String base = baseName(handler);
        String folder = handler.substring(0, handler.length() - base.length());
        String module = base.indexOf(':') < 0 ? base : base.substring(0, base.indexOf(':'));
        return new HandlerName(base, Optional.of(Path.of(folder + module + ending(module, runtime))));
    }

    /** Returns what follows the last folder. */
    static String baseName(String handler) {
        int slash = Math.max(handler.lastIndexOf('/'), handler.lastIndexOf(File.separatorChar));
        return handler.substring(slash + 1);
    }

    /** Returns the names of TorchServe's own handlers, sorted. */
    static Set<String> ownOf(ModelRuntime runtime) {
        return runtime == ModelRuntime.LSP ? IN_CPP : IN_PYTHON;
    }

    private static String ending(String module, ModelRuntime runtime) {
        if (runtime != ModelRuntime.LSP) {
            return module.contains(".py") ? "" : ".py";
        }
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? ".dylib" : ".so";
    }
}
