package dev.cresset.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import dev.cresset.engine.EngineSession;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A prepared call that writes its results into the caller's tensors. Used by one thread at a time.
 *
 * <p>Hot path: allocates nothing beside what ONNX Runtime's Java API does.
 */
final class BoundSession implements EngineSession {

    private final OnnxModel model;
    private final OnnxArguments arguments;
    private final List<Tensor> bound;

    /** None where a result is of a type that has to be converted. */
    private final @Nullable Pinned pinned;

    /** Takes the arguments over, unless it throws. */
    BoundSession(OnnxModel model, OnnxArguments arguments, List<Tensor> bound) {
        this.model = model;
        this.arguments = arguments;
        this.bound = List.copyOf(bound);
        List<NodeInfo> outputs = model.outputs();
        if (outputs.size() != bound.size()) {
            throw OnnxFailures.refused("the result has " + outputs.size() + " tensors, " + bound.size() + " are bound");
        }
        boolean direct = true;
        for (int i = 0; i < outputs.size(); i++) {
            direct &= isOfItsType(outputs.get(i), bound.get(i));
        }
        try {
            pinned = direct ? new Pinned(model.environment(), model.names(), bound) : null;
        } catch (OrtException e) {
            throw OnnxFailures.ofCall(e);
        }
    }

    private static boolean isOfItsType(NodeInfo output, Tensor bound) {
        return output.getInfo() instanceof TensorInfo tensor
                && OnnxTypes.of(tensor).filter(type -> type == bound.dataType()).isPresent();
    }

    @Override
    public void run() {
        Pinned there = pinned;
        if (there == null || !model.hasRun(arguments.tensors(), there.tensors())) {
            convert();
        }
    }

    /** By way of memory of ONNX Runtime's: what it does not write itself, or not into tensors of these sizes. */
    private void convert() {
        List<Value> values = model.run(arguments.tensors());
        try {
            for (int i = 0; i < values.size(); i++) {
                requireLike(i, values.get(i));
            }
            for (int i = 0; i < values.size(); i++) {
                bound.get(i).copyFrom(values.get(i).asTensor());
            }
        } finally {
            values.forEach(Value::close);
        }
    }

    private void requireLike(int index, Value value) {
        Tensor to = bound.get(index);
        if (!(value instanceof Tensor from)
                || from.dataType() != to.dataType()
                || !Arrays.equals(from.shape(), to.shape())) {
            throw OnnxFailures.refused("result " + index + " ('" + model.names().get(index) + "') is " + value
                    + ", the tensor bound for it is " + to);
        }
    }

    @Override
    public Value result() {
        return Value.none();
    }

    @Override
    public void close() {
        Pinned there = pinned;
        if (there != null) {
            there.close();
        }
        arguments.close();
    }
}
