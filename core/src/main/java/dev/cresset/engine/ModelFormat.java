package dev.cresset.engine;

import java.nio.ByteBuffer;

/** What a model's file holds, told by its first bytes: engines say which they open ({@link EngineProvider#formats}). */
public enum ModelFormat {
    /**
     * What PyTorch saved: a module of TorchScript, or exported programs. Also what nobody else knows, for LibTorch says best
     * what is wrong with a file that should have been one.
     */
    PYTORCH("a PyTorch model", "dev.cresset:cresset-natives"),
    /** A {@code ModelProto} of ONNX. */
    ONNX("an ONNX model", "dev.cresset:cresset-onnx");

    /** How much of a file's beginning is looked at. */
    public static final int HEAD = 4096;

    private final String text;
    private final String dependency;

    ModelFormat(String text, String dependency) {
        this.text = text;
        this.dependency = dependency;
    }

    /**
     * Tells the format of a file.
     *
     * @param head its first bytes, {@link #HEAD} of them or all that there are
     * @param size how many it has in all
     */
    public static ModelFormat of(ByteBuffer head, long size) {
        return OnnxHead.isModel(head, size) ? ONNX : PYTORCH;
    }

    /** The module of Cresset that has an engine for it. */
    public String dependency() {
        return dependency;
    }

    /** {@code an ONNX model} */
    @Override
    public String toString() {
        return text;
    }
}
