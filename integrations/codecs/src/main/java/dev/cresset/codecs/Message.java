package dev.cresset.codecs;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What requests and responses share: a request's tensors are its inputs, a response's are its outputs. Texts are as on the wire,
 * where one that is not there is empty.
 */
record Message(
        boolean isRequest,
        String modelName,
        String modelVersion,
        String id,
        Map<String, Object> parameters,
        List<InferTensor> tensors,
        List<InferRequest.Output> wanted) {

    static Message of(InferRequest request) {
        return new Message(
                true,
                request.modelName().orElse(""),
                request.modelVersion().orElse(""),
                request.id().orElse(""),
                request.parameters(),
                request.inputs(),
                request.outputs());
    }

    static Message of(InferResponse response) {
        return new Message(
                false,
                response.modelName(),
                response.modelVersion().orElse(""),
                response.id().orElse(""),
                response.parameters(),
                response.outputs(),
                List.of());
    }

    InferRequest toRequest() {
        return new InferRequest(
                Optional.of(modelName), Optional.of(modelVersion), Optional.of(id), parameters, tensors, wanted);
    }

    InferResponse toResponse() {
        return new InferResponse(modelName, Optional.of(modelVersion), Optional.of(id), parameters, tensors);
    }

    static Optional<String> unlessEmpty(Optional<String> text) {
        return text.filter(known -> !known.isEmpty());
    }

    /** What a message calls its tensors. */
    static String kind(boolean request) {
        return request ? "inputs" : "outputs";
    }
}
