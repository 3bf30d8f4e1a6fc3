package dev.cresset.torch.exported;

import dev.cresset.pt2.ScalarType;
import dev.cresset.tensor.DataType;
import java.util.Optional;

/** The types of elements by PyTorch's own numbers ({@code c10/core/ScalarType.h}), and by Cresset's names. */
final class ScalarTypes {

    private ScalarTypes() {}

    static int number(ScalarType type) {
        return switch (type) {
            case BYTE -> 0;
            case CHAR -> 1;
            case SHORT -> 2;
            case INT -> 3;
            case LONG -> 4;
            case HALF -> 5;
            case FLOAT -> 6;
            case DOUBLE -> 7;
            case COMPLEXHALF -> 8;
            case COMPLEXFLOAT -> 9;
            case COMPLEXDOUBLE -> 10;
            case BOOL -> 11;
            case BFLOAT16 -> 15;
            case FLOAT8E5M2 -> 23;
            case FLOAT8E4M3FN -> 24;
            case FLOAT8E5M2FNUZ -> 25;
            case FLOAT8E4M3FNUZ -> 26;
            case UINT16 -> 27;
            case UINT32 -> 28;
            case UINT64 -> 29;
            case FLOAT8E8M0FNU -> 44;
            case UNKNOWN -> throw new UnsupportedProgram("it has a tensor of unknown type");
        };
    }

    /** Empty where no {@code Tensor} can be of that type. */
    static Optional<DataType> dataType(ScalarType type) {
        return switch (type) {
            case BYTE -> Optional.of(DataType.UINT8);
            case CHAR -> Optional.of(DataType.INT8);
            case SHORT -> Optional.of(DataType.INT16);
            case INT -> Optional.of(DataType.INT32);
            case LONG -> Optional.of(DataType.INT64);
            case HALF -> Optional.of(DataType.FLOAT16);
            case FLOAT -> Optional.of(DataType.FLOAT32);
            case DOUBLE -> Optional.of(DataType.FLOAT64);
            case BOOL -> Optional.of(DataType.BOOL);
            case BFLOAT16 -> Optional.of(DataType.BFLOAT16);
            default -> Optional.empty();
        };
    }
}
