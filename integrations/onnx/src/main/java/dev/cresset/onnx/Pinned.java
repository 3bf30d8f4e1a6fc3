package dev.cresset.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.cresset.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where ONNX Runtime is to write its results: over tensors that their owner keeps open until this is closed. Used by one thread. */
final class Pinned implements AutoCloseable {

    private final Map<String, OnnxTensor> tensors = new LinkedHashMap<>();

    Pinned(OrtEnvironment environment, List<String> names, List<Tensor> results) throws OrtException {
        boolean success = false;
        try {
            for (int i = 0; i < names.size(); i++) {
                tensors.put(names.get(i), OnnxArguments.over(environment, results.get(i)));
            }
            success = true;
        } finally {
            if (!success) {
                close();
            }
        }
    }

    Map<String, OnnxTensor> tensors() {
        return tensors;
    }

    @Override
    public void close() {
        OnnxValue.close(tensors.values());
    }
}
