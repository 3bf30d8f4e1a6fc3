package dev.cresset.codecs;

import dev.cresset.InvalidInputException;
import dev.cresset.tensor.DataType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The protocol's names for the types of elements. */
enum Datatype {
    BOOL(DataType.BOOL, 1),
    UINT8(DataType.UINT8, 4),
    INT8(DataType.INT8, 2),
    INT16(DataType.INT16, 2),
    INT32(DataType.INT32, 2),
    INT64(DataType.INT64, 3),
    FP16(DataType.FLOAT16, 0),
    BF16(DataType.BFLOAT16, 0),
    FP32(DataType.FLOAT32, 6),
    FP64(DataType.FLOAT64, 7),
    BYTES(null, 8);

    private final @Nullable DataType type;
    private final int contentsField;

    Datatype(@Nullable DataType type, int contentsField) {
        this.type = type;
        this.contentsField = contentsField;
    }

    static Datatype of(DataType type) {
        for (Datatype one : values()) {
            if (one.type == type) {
                return one;
            }
        }
        throw new AssertionError(type);
    }

    static Datatype of(String where, String name) {
        for (Datatype one : values()) {
            if (one.name().equals(name)) {
                return one;
            }
        }
        String found = name.isEmpty() ? " has no datatype" : " has the datatype " + Quoted.of(name);
        throw new InvalidInputException(
                where + found + ", expected one of " + Arrays.toString(values()) + "; convert it before it is sent");
    }

    boolean isFloat() {
        return this == FP16 || this == BF16 || this == FP32 || this == FP64;
    }

    /** The tensor's type. Not for BYTES. */
    DataType type() {
        if (type == null) {
            throw new IllegalStateException("BYTES are no tensor");
        }
        return type;
    }

    /** The field of the message InferTensorContents that holds such elements; 0 where there is none, so that they must be raw. */
    int contentsField() {
        return contentsField;
    }
}
