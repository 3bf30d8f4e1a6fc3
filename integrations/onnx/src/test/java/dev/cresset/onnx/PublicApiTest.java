package dev.cresset.onnx;

import dev.cresset.testing.PublicApiContract;

/** The names that the engine's module exports. */
class PublicApiTest extends PublicApiContract {
    PublicApiTest() {
        super(OnnxProvider.class, "dev.cresset.onnx");
    }
}
