package dev.cresset.onnx;

import ai.onnxruntime.OrtException;
import dev.cresset.engine.EngineSession;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A prepared call that lends its results. From its second run on ONNX Runtime writes them into the same memory each time. Used by
 * one thread at a time.
 */
final class LendingSession implements EngineSession {

    private final OnnxModel model;
    private final OnnxArguments arguments;
    private List<Tensor> own = List.of();
    private @Nullable Pinned pinned;
    private Value result = Value.none();

    /** Takes the arguments over. */
    LendingSession(OnnxModel model, OnnxArguments arguments) {
        this.model = model;
        this.arguments = arguments;
    }

    @Override
    public void run() {
        result.close();
        result = Value.none();
        boolean foreseen = !own.isEmpty() || prepared();
        if (foreseen && ranPinned()) {
            return;
        }
        List<Value> values = model.run(arguments.tensors());
        if (foreseen) {
            model.sizes().vary(); // it was their fault, not the arguments'
            release();
        }
        model.sizes().learn(arguments.sizes(), values);
        result = OnnxResults.joined(model.names(), values);
    }

    private boolean prepared() {
        own = model.sizes().allocate(arguments.sizes());
        if (own.isEmpty()) {
            return false;
        }
        try {
            pinned = new Pinned(model.environment(), model.names(), own);
            return true;
        } catch (OrtException e) {
            throw OnnxFailures.ofCall(e);
        } finally {
            if (pinned == null) {
                release();
            }
        }
    }

    private boolean ranPinned() {
        Pinned there = pinned;
        if (there == null || !model.hasRun(arguments.tensors(), there.tensors())) {
            return false;
        }
        List<Value> lent = new ArrayList<>(own.size());
        for (Tensor tensor : own) {
            lent.add(tensor.lend(tensor.shape()));
        }
        result = OnnxResults.joined(model.names(), lent);
        return true;
    }

    private void release() {
        Pinned there = pinned;
        pinned = null;
        if (there != null) {
            there.close();
        }
        own.forEach(Value::close);
        own = List.of();
    }

    @Override
    public Value result() {
        return result;
    }

    @Override
    public void close() {
        result.close();
        release();
        arguments.close();
    }
}
