package dev.cresset.codecs;

/**
 * A body of the protocol's binary tensor data extension: JSON, and the tensors' raw bytes behind it. Several threads may read
 * it.
 */
public final class BinaryBody {
    private final byte[] bytes;
    private final int jsonLength;

    BinaryBody(byte[] bytes, int jsonLength) {
        this.bytes = bytes;
        this.jsonLength = jsonLength;
    }

    /** All of it; not a copy. */
    public byte[] bytes() {
        return bytes;
    }

    /** How many of the bytes are JSON: what the header {@code Inference-Header-Content-Length} says. */
    public int jsonLength() {
        return jsonLength;
    }
}
