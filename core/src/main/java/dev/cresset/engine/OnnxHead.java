package dev.cresset.engine;

import java.nio.ByteBuffer;
import java.util.Set;

/**
 * Tells whether a file is a {@code ModelProto} of ONNX, which has no magic number: by the fields that it begins with, each of
 * which must be one that a model has, with a content of the right kind that ends within the file.
 */
final class OnnxHead {

    private static final int IR_VERSION = 1;
    private static final int GRAPH = 7;

    /** No version of the format is near it. */
    private static final long HIGHEST_IR_VERSION = 100;

    /** {@code ir_version} and {@code model_version}. */
    private static final Set<Integer> NUMBERS = Set.of(IR_VERSION, 5);

    /** Names, {@code graph}, {@code opset_import}, {@code metadata_props}, {@code training_info}, functions, configuration. */
    private static final Set<Integer> CONTENTS = Set.of(2, 3, 4, 6, GRAPH, 8, 14, 20, 25, 26);

    private final ByteBuffer head;
    private final long size;
    private boolean hasVersion;
    private boolean hasGraph;

    private OnnxHead(ByteBuffer head, long size) {
        this.head = head.slice();
        this.size = size;
    }

    static boolean isModel(ByteBuffer head, long size) {
        return new OnnxHead(head, size).isModel();
    }

    private boolean isModel() {
        while (head.hasRemaining()) {
            long tag = varint();
            int field = (int) (tag >>> 3);
            boolean known = tag >= 0
                    && tag < 1 << 10
                    && (((tag & 7) == 0 && NUMBERS.contains(field)) || ((tag & 7) == 2 && CONTENTS.contains(field)));
            if (!known || !isRight(field, (tag & 7) == 2)) {
                return false;
            }
        }
        // Whoever writes a model begins with its version, or at least comes to its graph.
        return hasGraph || (hasVersion && size > head.limit());
    }

    /** Goes to the end of what is seen of the field. */
    private boolean isRight(int field, boolean isContent) {
        long number = varint();
        if (field == IR_VERSION) {
            hasVersion = true;
            return number > 0 && number <= HIGHEST_IR_VERSION;
        }
        if (!isContent) {
            return true;
        }
        if (number < 0 || number > size - head.position()) {
            return false;
        }
        hasGraph |= field == GRAPH;
        head.position((int) Math.min(head.limit(), head.position() + number));
        return true;
    }

    /** Negative where it does not end, or is negative. */
    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 64 && head.hasRemaining(); shift += 7) {
            byte part = head.get();
            value |= (part & 0x7fL) << shift;
            if (part >= 0) {
                return value;
            }
        }
        return -1;
    }
}
