package dev.cresset.torch;

import dev.cresset.engine.Engine;
import dev.cresset.engine.OptimizationsContract;

class BridgeContractTest extends TorchContractTest implements OptimizationsContract {
    @Override
    public Engine engine() {
        return new BridgeProvider().open();
    }
}
