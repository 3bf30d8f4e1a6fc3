package dev.cresset.mar;

import dev.cresset.testing.NativeImageContract;

class NativeImageTest extends NativeImageContract {
    NativeImageTest() {
        super("cresset-mar-format");
    }
}
