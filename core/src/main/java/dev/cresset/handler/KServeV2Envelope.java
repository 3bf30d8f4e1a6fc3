package dev.cresset.handler;

import dev.cresset.Envelope;
import dev.cresset.InvalidInputException;
import dev.cresset.internal.json.RequestJson;
import dev.cresset.internal.json.ShapedNumbers;
import dev.cresset.mar.ManifestModel;
import dev.cresset.mar.ModelArchive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * {@code {"inputs": [{"name", "shape", "datatype", "data"}]}} to {@code {"id", "model_name", "model_version", "outputs": [...]}},
 * TorchServe's {@code kservev2}. Each input is an item: the first string of one of BYTES, or else its numbers in its shape.
 * Each answer becomes an output of the same name: its numbers in a row.
 *
 * <p>Immutable, safe for use by several threads.
 */
final class KServeV2Envelope implements Envelope<byte[], String> {
    private static final String FORM =
            "{\"inputs\": [{\"name\": ..., \"shape\": [...], \"datatype\": ..., \"data\": [...]}]}";

    private final String archive;
    private final ManifestModel model;

    KServeV2Envelope(ModelArchive archive) {
        this.archive = archive.name();
        this.model = archive.manifest().model();
    }

    @Override
    public Opened<byte[], String> open(byte[] request) {
        JsonNode root = RequestJson.read(archive, request, FORM);
        JsonNode inputs = root.path("inputs");
        if (!inputs.isArray() || inputs.isEmpty()) {
            throw new InvalidInputException(archive + ": the request has no list of inputs, expected " + FORM);
        }
        List<String> names = new ArrayList<>(inputs.size());
        List<byte[]> items = new ArrayList<>(inputs.size());
        for (JsonNode input : inputs) {
            names.add(name(input, names.size()));
            items.add(item(input, names.get(names.size() - 1)));
        }
        String id = root.path("id").asString("");
        return new Tensors(model, id.isBlank() ? UUID.randomUUID().toString() : id, names, items);
    }

    private String name(JsonNode input, int index) {
        JsonNode name = input.path("name");
        if (!name.isString()) {
            throw new InvalidInputException(archive + ": the request's input " + (index + 1) + " has no name");
        }
        return name.asString();
    }

    private byte[] item(JsonNode input, String name) {
        JsonNode data = input.path("data");
        String datatype = input.path("datatype").asString("");
        if (!data.isArray() || datatype.isEmpty()) {
            throw new InvalidInputException(archive + ": the request's input " + RequestJson.quoted(name)
                    + " lacks its datatype or its list of data");
        }
        String text;
        if (!datatype.equals("BYTES")) {
            text = new ShapedNumbers(archive, name, data, datatype).in(input.path("shape"));
        } else if (data.isEmpty()) {
            throw new InvalidInputException(
                    archive + ": the request's input " + RequestJson.quoted(name) + " of BYTES has no element");
        } else {
            text = data.get(0).isString() ? data.get(0).asString() : data.get(0).toString();
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private record Tensors(ManifestModel model, String id, List<String> names, List<byte[]> items)
            implements Opened<byte[], String> {
        @Override
        public String answer(List<String> answers) {
            List<Object> outputs = new ArrayList<>(answers.size());
            for (int i = 0; i < answers.size(); i++) {
                outputs.add(FlatOutput.of(names.get(i), RequestJson.valueOf(answers.get(i))));
            }
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("id", id);
            all.put("model_name", model.modelName());
            all.put("model_version", model.modelVersion());
            all.put("outputs", outputs);
            return PythonJson.write(all);
        }
    }
}
