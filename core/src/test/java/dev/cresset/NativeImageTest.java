package dev.cresset;

import dev.cresset.testing.NativeImageContract;

class NativeImageTest extends NativeImageContract {
    NativeImageTest() {
        // Asks whether a class of another jar of Cresset's is there; in an image it is if it is used.
        super("cresset-core", "LostServices.isHere");
    }
}
