package dev.cresset.torch;

import dev.cresset.engine.Engine;

class BridgeContractTest extends TorchContractTest {
    @Override
    protected Engine engine() {
        return new BridgeProvider().open();
    }
}
