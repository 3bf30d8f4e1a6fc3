package dev.cresset.mar;

/** What a manifest says its handler is written in. */
public enum ModelRuntime {
    /** {@code python}, also when the manifest does not say. */
    PYTHON("python"),
    /** {@code python3}. */
    PYTHON3("python3"),
    /** {@code LSP}: a C++ handler around a TorchScript model. */
    LSP("LSP");

    private final String text;

    ModelRuntime(String text) {
        this.text = text;
    }

    /** Returns the runtime as a manifest spells it. */
    public String text() {
        return text;
    }
}
