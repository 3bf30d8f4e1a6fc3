package dev.cresset.torch.portable;

import dev.cresset.engine.EngineSession;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;

/**
 * A prepared call: the same arguments, handed to LibTorch anew at every run. Saves nothing but the caller's trouble. Used
 * by one thread at a time.
 */
final class PortableSession implements EngineSession {

    private final PortableModel model;
    private final PortableMethod method;
    private final List<Value> arguments;
    private final List<Tensor> outputs;
    private Value result = Value.none();

    PortableSession(PortableModel model, PortableMethod method, List<Value> arguments, List<Tensor> outputs) {
        this.model = model;
        this.method = method;
        this.arguments = arguments;
        this.outputs = outputs;
    }

    @Override
    public void run() {
        result.close();
        result = Value.none();
        result = model.call(method, arguments, answer -> {
            if (outputs.isEmpty()) {
                return PortableResults.read(answer);
            }
            PortableResults.copy(answer, outputs);
            return Value.none();
        });
    }

    @Override
    public Value result() {
        return result;
    }

    @Override
    public void close() {
        result.close();
    }
}
