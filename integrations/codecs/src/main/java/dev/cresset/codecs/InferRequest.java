package dev.cresset.codecs;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request for inference. It takes its inputs over: closing it closes their tensors. Several threads may read it.
 *
 * @param modelName the model; none where the address of the request says it, as over HTTP
 * @param modelVersion its version, if one is said
 * @param id what the response shall repeat, if anything
 * @param parameters what is asked beside; values are Boolean, Long, Double, String or, for uint64, BigInteger
 * @param inputs the tensors
 * @param outputs which outputs are wanted; empty for all
 */
public record InferRequest(
        Optional<String> modelName,
        Optional<String> modelVersion,
        Optional<String> id,
        Map<String, Object> parameters,
        List<InferTensor> inputs,
        List<Output> outputs)
        implements AutoCloseable {

    /**
     * An output that is wanted.
     *
     * @param name what the model calls it
     * @param parameters how it is wanted: {@code binary_data}, {@code classification}
     */
    public record Output(String name, Map<String, Object> parameters) {

        /** Copies the map. */
        public Output {
            parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        }
    }

    /** Copies the collections. A text that is empty is none, for protobuf knows no difference. */
    public InferRequest {
        modelName = Message.unlessEmpty(modelName);
        modelVersion = Message.unlessEmpty(modelVersion);
        id = Message.unlessEmpty(id);
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** A request with these inputs and nothing else. */
    public static InferRequest of(InferTensor... inputs) {
        return new InferRequest(
                Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), List.of(inputs), List.of());
    }

    /**
     * Reads JSON.
     *
     * @throws dev.cresset.InvalidInputException if it is not a request
     */
    public static InferRequest readJson(byte[] json) {
        return JsonReader.read("request", json, json.length).toRequest();
    }

    /**
     * Reads JSON with binary data behind it.
     *
     * @param jsonLength what the header {@code Inference-Header-Content-Length} says
     * @throws dev.cresset.InvalidInputException if it is not a request
     */
    public static InferRequest readBinary(byte[] body, int jsonLength) {
        return JsonReader.read("request", body, jsonLength).toRequest();
    }

    /**
     * Reads a protobuf message {@code inference.ModelInferRequest}, with raw or typed contents.
     *
     * @throws dev.cresset.InvalidInputException if it is not a request
     */
    public static InferRequest readProto(byte[] message) {
        return ProtoMessages.read("request", message).toRequest();
    }

    /** Writes JSON. FP16 and BF16 become numbers, though the protocol wants them binary. */
    public byte[] toJson() {
        return JsonWriter.json(Message.of(this));
    }

    /** Writes JSON with the tensors' raw bytes behind it. */
    public BinaryBody toBinary() {
        return JsonWriter.binary(Message.of(this));
    }

    /** Writes a protobuf message {@code inference.ModelInferRequest} with raw contents. */
    public byte[] toProto() {
        return ProtoMessages.write(Message.of(this), /* typed= */ false);
    }

    /**
     * Writes the same message with typed contents.
     *
     * @throws IllegalArgumentException if there is FP16 or BF16 among the inputs, for which there are none
     */
    public byte[] toTypedProto() {
        return ProtoMessages.write(Message.of(this), /* typed= */ true);
    }

    /** Closes the inputs. */
    @Override
    public void close() {
        inputs.forEach(InferTensor::close);
    }
}
