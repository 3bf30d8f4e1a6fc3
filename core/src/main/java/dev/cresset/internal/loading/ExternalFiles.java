package dev.cresset.internal.loading;

import dev.cresset.ModelLoadException;
import dev.cresset.engine.ModelFormat;
import dev.cresset.engine.ModelSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The files that a model names and its engine reads with it. A name comes from whoever made the model, and an engine would follow
 * it anywhere: so it is looked at before any engine is.
 *
 * <p>Used by one thread.
 */
final class ExternalFiles {

    private static final Set<String> NOWHERE = Set.of("", "..");

    private final String model;

    /** What the model calls a file, and where that is from the model's folder on. */
    private final Map<String, String> names = new LinkedHashMap<>();

    private ExternalFiles(String model) {
        this.model = model;
    }

    static ExternalFiles of(ModelFormat format, ModelSource source) {
        ExternalFiles files = new ExternalFiles(source.name());
        Engines.filesBeside(format, source).forEach(name -> files.names.put(name, files.checked(name)));
        return files;
    }

    boolean isNone() {
        return names.isEmpty();
    }

    /** From the model's folder on, without a way out of it. */
    private String checked(String name) {
        List<String> parts = Arrays.stream(name.split("/", -1))
                .filter(part -> !part.equals("."))
                .toList();
        // Drives, Windows' other separator, and what an engine may take for more than a name.
        boolean isPlain = name.chars().noneMatch(c -> c < ' ' || "\\:*?\"<>|".indexOf(c) >= 0);
        if (!isPlain || parts.isEmpty() || parts.stream().anyMatch(NOWHERE::contains)) {
            throw new ModelLoadException("cannot load " + model + ": it names '" + name
                    + "' as a file that its weights are in, which is not one in its own folder; save it again with its external data"
                    + " beside it");
        }
        return String.join("/", parts);
    }

    interface Finder {
        boolean has(String file);
    }

    /** Throws if one is not there. */
    void require(Finder finder, String where) {
        for (String file : names.values()) {
            if (!finder.has(file)) {
                throw new ModelLoadException(
                        "cannot load " + model + ": its weights are in '" + file + "', which is not " + where);
            }
        }
    }

    interface Placing {
        void to(String file, Path target) throws IOException;
    }

    /** Puts each one where the model looks for it. */
    void place(Path folder, Placing placing) throws IOException {
        for (String file : Set.copyOf(names.values())) {
            Path target = folder.resolve(file);
            Files.createDirectories(target.getParent());
            placing.to(file, target);
        }
    }
}
