package dev.cresset.torch;

/** The kinds of values in a block; {@code wire.h} has the same numbers. */
final class Tags {

    static final int NONE = 0;
    static final int TENSOR = 1;
    static final int INT = 2;
    static final int FLOAT = 3;
    static final int BOOL = 4;
    static final int STRING = 5;
    static final int LIST = 6;
    static final int TUPLE = 7;
    static final int DICT = 8;

    private Tags() {}
}
