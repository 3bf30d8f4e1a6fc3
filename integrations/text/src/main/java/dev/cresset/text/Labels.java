package dev.cresset.text;

import dev.cresset.handler.IndexToName;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * The names of a model's classes: those of TorchServe's {@code index_to_name.json} where the archive has it, else those that
 * transformers wrote into {@code config.json}.
 */
final class Labels {

    private final IndexToName names;
    private final List<String> configured;

    private Labels(IndexToName names, List<String> configured) {
        this.names = names;
        this.configured = configured;
    }

    static Labels of(ModelArchive archive, JsonNode config) throws IOException {
        List<String> configured = new ArrayList<>();
        if (!archive.entries().contains("index_to_name.json")) {
            JsonNode labels = config.path("id2label");
            for (int i = 0; i < labels.size(); i++) {
                JsonNode label = labels.path(Integer.toString(i));
                if (!label.isString()) {
                    throw new IOException(archive.name() + ": config.json: id2label has no name for class " + i
                            + ", expected one for each");
                }
                configured.add(label.asString());
            }
        }
        return new Labels(IndexToName.of(archive), configured);
    }

    String name(int index) {
        if (configured.isEmpty()) {
            return names.name(index);
        }
        if (index >= configured.size()) {
            throw new IllegalStateException("config.json: id2label has " + configured.size()
                    + " names, but none for class " + index + " of the model");
        }
        return configured.get(index);
    }
}
