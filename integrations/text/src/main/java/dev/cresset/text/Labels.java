package dev.cresset.text;

import dev.cresset.handler.IndexToName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The names of a model's classes: those of TorchServe's {@code index_to_name.json} where the archive has it, else those that
 * transformers wrote into {@code config.json}.
 */
final class Labels {

    private final Optional<IndexToName> names;
    private final List<String> configured;

    private Labels(Optional<IndexToName> names, List<String> configured) {
        this.names = names;
        this.configured = configured;
    }

    static Labels of(TextFiles files, JsonNode config) throws IOException {
        List<String> configured = new ArrayList<>();
        Optional<IndexToName> names = files.indexToName();
        if (names.isEmpty()) {
            JsonNode labels = config.path("id2label");
            for (int i = 0; i < labels.size(); i++) {
                JsonNode label = labels.path(Integer.toString(i));
                if (!label.isString()) {
                    throw new IOException(files.name() + ": config.json: id2label has no name for class " + i
                            + ", expected one for each");
                }
                configured.add(label.asString());
            }
        }
        return new Labels(names, configured);
    }

    String name(int index) {
        if (configured.isEmpty()) {
            return names.isEmpty() ? Integer.toString(index) : names.get().name(index);
        }
        if (index >= configured.size()) {
            throw new IllegalStateException("config.json: id2label has " + configured.size()
                    + " names, but none for class " + index + " of the model");
        }
        return configured.get(index);
    }
}
