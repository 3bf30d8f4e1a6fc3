package dev.cresset.pt2;

/** The type of a tensor's elements, under export's own names and numbers, which are not those of PyTorch's C++. */
public enum ScalarType {
    /** Not told. */
    UNKNOWN(0, 0, "unknown"),
    /** PyTorch calls it {@code uint8}. */
    BYTE(1, 1, "uint8"),
    /** PyTorch calls it {@code int8}. */
    CHAR(2, 1, "int8"),
    /** PyTorch calls it {@code int16}. */
    SHORT(3, 2, "int16"),
    /** PyTorch calls it {@code int32}. */
    INT(4, 4, "int32"),
    /** PyTorch calls it {@code int64}. */
    LONG(5, 8, "int64"),
    /** PyTorch calls it {@code float16}. */
    HALF(6, 2, "float16"),
    /** PyTorch calls it {@code float32}. */
    FLOAT(7, 4, "float32"),
    /** PyTorch calls it {@code float64}. */
    DOUBLE(8, 8, "float64"),
    /** PyTorch calls it {@code complex32}. */
    COMPLEXHALF(9, 4, "complex32"),
    /** PyTorch calls it {@code complex64}. */
    COMPLEXFLOAT(10, 8, "complex64"),
    /** PyTorch calls it {@code complex128}. */
    COMPLEXDOUBLE(11, 16, "complex128"),
    /** PyTorch calls it {@code bool}. */
    BOOL(12, 1, "bool"),
    /** PyTorch calls it {@code bfloat16}. */
    BFLOAT16(13, 2, "bfloat16"),
    /** PyTorch calls it {@code uint16}. */
    UINT16(28, 2, "uint16"),
    /** PyTorch calls it {@code float8_e4m3fn}. */
    FLOAT8E4M3FN(29, 1, "float8_e4m3fn"),
    /** PyTorch calls it {@code float8_e5m2}. */
    FLOAT8E5M2(30, 1, "float8_e5m2"),
    /** PyTorch calls it {@code float8_e4m3fnuz}. */
    FLOAT8E4M3FNUZ(31, 1, "float8_e4m3fnuz"),
    /** PyTorch calls it {@code float8_e5m2fnuz}. */
    FLOAT8E5M2FNUZ(32, 1, "float8_e5m2fnuz"),
    /** PyTorch calls it {@code float8_e8m0fnu}. */
    FLOAT8E8M0FNU(33, 1, "float8_e8m0fnu"),
    /** PyTorch calls it {@code uint32}. */
    UINT32(34, 4, "uint32"),
    /** PyTorch calls it {@code uint64}. */
    UINT64(35, 8, "uint64");

    private final int number;
    private final int bytes;
    private final String torchName;

    ScalarType(int number, int bytes, String torchName) {
        this.number = number;
        this.bytes = bytes;
        this.torchName = torchName;
    }

    /** Returns the number that export has for it. */
    public int number() {
        return number;
    }

    /** Returns how many bytes an element takes; 0 for {@link #UNKNOWN}. */
    public int bytes() {
        return bytes;
    }

    /** Returns PyTorch's name for it, such as {@code float32}. */
    public String torchName() {
        return torchName;
    }
}
