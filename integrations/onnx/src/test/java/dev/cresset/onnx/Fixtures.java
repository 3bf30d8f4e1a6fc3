package dev.cresset.onnx;

import dev.cresset.Model;
import java.io.IOException;
import java.nio.file.Path;

/** Files that Python made. */
final class Fixtures {

    private Fixtures() {}

    static Path path(String name) {
        return Path.of(System.getProperty("cresset.fixtures")).resolve(name);
    }

    static Path onnx(String name) {
        return path("onnx").resolve(name);
    }

    static Model open(String name) throws IOException {
        return Model.open(onnx(name + ".onnx"));
    }
}
