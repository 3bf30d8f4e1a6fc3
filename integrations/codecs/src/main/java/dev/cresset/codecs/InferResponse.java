package dev.cresset.codecs;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A response to a request for inference. It takes its outputs over: closing it closes their tensors. Several threads may read
 * it.
 *
 * @param modelName the model
 * @param modelVersion its version, if one is said
 * @param id that of the request, if it had one
 * @param parameters what is said beside; values as those of {@link InferRequest}
 * @param outputs the tensors
 */
public record InferResponse(
        String modelName,
        Optional<String> modelVersion,
        Optional<String> id,
        Map<String, Object> parameters,
        List<InferTensor> outputs)
        implements AutoCloseable {

    /** Copies the collections. A text that is empty is none, for protobuf knows no difference. */
    public InferResponse {
        modelVersion = Message.unlessEmpty(modelVersion);
        id = Message.unlessEmpty(id);
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        outputs = List.copyOf(outputs);
    }

    /** The response of a model to a request, whose id it repeats. */
    public static InferResponse to(InferRequest request, String modelName, InferTensor... outputs) {
        return new InferResponse(modelName, request.modelVersion(), request.id(), Map.of(), List.of(outputs));
    }

    /**
     * Reads JSON.
     *
     * @throws dev.cresset.InvalidInputException if it is not a response
     */
    public static InferResponse readJson(byte[] json) {
        return JsonReader.read("response", json, json.length).toResponse();
    }

    /**
     * Reads JSON with binary data behind it.
     *
     * @param jsonLength what the header {@code Inference-Header-Content-Length} says
     * @throws dev.cresset.InvalidInputException if it is not a response
     */
    public static InferResponse readBinary(byte[] body, int jsonLength) {
        return JsonReader.read("response", body, jsonLength).toResponse();
    }

    /**
     * Reads a protobuf message {@code inference.ModelInferResponse}, with raw or typed contents.
     *
     * @throws dev.cresset.InvalidInputException if it is not a response
     */
    public static InferResponse readProto(byte[] message) {
        return ProtoMessages.read("response", message).toResponse();
    }

    /** Writes JSON. FP16 and BF16 become numbers, though the protocol wants them binary. */
    public byte[] toJson() {
        return JsonWriter.json(Message.of(this));
    }

    /** Writes JSON with the tensors' raw bytes behind it. */
    public BinaryBody toBinary() {
        return JsonWriter.binary(Message.of(this));
    }

    /** Writes a protobuf message {@code inference.ModelInferResponse} with raw contents. */
    public byte[] toProto() {
        return ProtoMessages.write(Message.of(this), /* typed= */ false);
    }

    /**
     * Writes the same message with typed contents.
     *
     * @throws IllegalArgumentException if there is FP16 or BF16 among the outputs, for which there are none
     */
    public byte[] toTypedProto() {
        return ProtoMessages.write(Message.of(this), /* typed= */ true);
    }

    /** Closes the outputs. */
    @Override
    public void close() {
        outputs.forEach(InferTensor::close);
    }
}
