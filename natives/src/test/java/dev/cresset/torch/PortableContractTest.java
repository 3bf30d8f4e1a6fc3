package dev.cresset.torch;

import dev.cresset.engine.Engine;

class PortableContractTest extends TorchContractTest {
    @Override
    public Engine engine() {
        return new PortableProvider().open();
    }
}
