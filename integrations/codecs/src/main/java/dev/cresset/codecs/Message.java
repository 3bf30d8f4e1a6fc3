package dev.cresset.codecs;

import java.util.List;
import java.util.Map;

/** What requests and responses share: a request's tensors are its inputs, a response's are its outputs. */
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
                request.modelName(),
                request.modelVersion(),
                request.id(),
                request.parameters(),
                request.inputs(),
                request.outputs());
    }

    static Message of(InferResponse response) {
        return new Message(
                false,
                response.modelName(),
                response.modelVersion(),
                response.id(),
                response.parameters(),
                response.outputs(),
                List.of());
    }

    InferRequest toRequest() {
        return new InferRequest(modelName, modelVersion, id, parameters, tensors, wanted);
    }

    InferResponse toResponse() {
        return new InferResponse(modelName, modelVersion, id, parameters, tensors);
    }

    /** What a message calls its tensors. */
    static String kind(boolean request) {
        return request ? "inputs" : "outputs";
    }
}
