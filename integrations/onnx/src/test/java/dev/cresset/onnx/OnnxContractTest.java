package dev.cresset.onnx;

import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineContractTest;
import dev.cresset.engine.ModelSource;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;

/** The contract, on a model for each function: in ONNX a model is one. */
class OnnxContractTest extends EngineContractTest {

    @Override
    public Engine engine() {
        return new OnnxProvider().open();
    }

    @Override
    public ModelSource source(String module) {
        return new ModelSource.InFile(module, Fixtures.onnx(module + ".onnx"));
    }

    @Override
    public Function function(String name) {
        return new Function(source("contract-" + name), "forward");
    }

    @Override
    public Value number(long number) {
        return Tensor.of(new long[] {number});
    }

    @Override
    protected ModelSource nonsense() {
        return source("nonsense");
    }
}
