package dev.cresset.torch.shared;

import dev.cresset.tensor.DataType;

/** LibTorch's numbers for the types of elements, from {@code c10/core/ScalarType.h}. */
public final class ScalarTypes {

    private static final DataType[] BY_CODE = new DataType[16];

    static {
        BY_CODE[0] = DataType.UINT8;
        BY_CODE[1] = DataType.INT8;
        BY_CODE[2] = DataType.INT16;
        BY_CODE[3] = DataType.INT32;
        BY_CODE[4] = DataType.INT64;
        BY_CODE[5] = DataType.FLOAT16;
        BY_CODE[6] = DataType.FLOAT32;
        BY_CODE[7] = DataType.FLOAT64;
        BY_CODE[11] = DataType.BOOL;
        BY_CODE[15] = DataType.BFLOAT16;
    }

    private ScalarTypes() {}

    public static DataType of(long code) {
        DataType type = code < 0 || code >= BY_CODE.length ? null : BY_CODE[(int) code];
        if (type == null) {
            throw new IllegalStateException("LibTorch's element type " + code + " has no counterpart");
        }
        return type;
    }

    public static int code(DataType type) {
        return switch (type) {
            case UINT8 -> 0;
            case INT8 -> 1;
            case INT16 -> 2;
            case INT32 -> 3;
            case INT64 -> 4;
            case FLOAT16 -> 5;
            case FLOAT32 -> 6;
            case FLOAT64 -> 7;
            case BOOL -> 11;
            case BFLOAT16 -> 15;
        };
    }
}
