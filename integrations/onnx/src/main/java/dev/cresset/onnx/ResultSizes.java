package dev.cresset.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.TensorInfo;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which sizes a model's results have for which sizes of its arguments, as it was seen: then ONNX Runtime can be given memory of ours to write
 * into. Where results' sizes follow from numbers, as with those of NonZero, that cannot be foreseen; it refuses memory of another
 * size, and nothing is foreseen from then on.
 *
 * <p>Instances are safe for use by several threads.
 */
final class ResultSizes {

    /** Sizes that come once each need not be remembered. */
    private static final int MOST = 64;

    private final List<DataType> types = new ArrayList<>();
    /** By the sizes of all arguments. */
    private final ConcurrentHashMap<LongBuffer, List<long[]>> seen = new ConcurrentHashMap<>();

    private volatile boolean unforeseeable;

    ResultSizes(List<NodeInfo> outputs) {
        for (NodeInfo output : outputs) {
            Optional<DataType> type =
                    output.getInfo() instanceof TensorInfo tensor ? OnnxTypes.of(tensor) : Optional.empty();
            type.ifPresentOrElse(types::add, this::vary);
        }
    }

    void vary() {
        unforeseeable = true;
    }

    void learn(long[] given, List<Value> results) {
        if (unforeseeable) {
            return;
        }
        if (seen.size() >= MOST) {
            seen.clear();
        }
        seen.put(
                LongBuffer.wrap(given),
                results.stream().map(result -> result.asTensor().shape()).toList());
    }

    /** Tensors for the results, which the caller closes; none if their sizes are not known. */
    List<Tensor> allocate(long[] given) {
        List<long[]> shapes = unforeseeable ? null : seen.get(LongBuffer.wrap(given));
        if (shapes == null) {
            return List.of();
        }
        List<Tensor> tensors = new ArrayList<>();
        boolean success = false;
        try {
            for (int i = 0; i < shapes.size(); i++) {
                tensors.add(Tensor.allocate(types.get(i), shapes.get(i)));
            }
            success = true;
            return tensors;
        } finally {
            if (!success) {
                tensors.forEach(Value::close);
            }
        }
    }
}
