package dev.cresset.pt2;

/** The order of a tensor's elements in memory, under export's own numbers, which are not those of PyTorch's C++. */
public enum MemoryFormat {
    /** Not told. */
    UNKNOWN(0),
    /** The last dimension's neighbours lie side by side. */
    CONTIGUOUS_FORMAT(1),
    /** Of images, the channels lie side by side. */
    CHANNELS_LAST(2),
    /** Of volumes, the channels lie side by side. */
    CHANNELS_LAST_3D(3),
    /** As that of what it is made from. */
    PRESERVE_FORMAT(4);

    private final int number;

    MemoryFormat(int number) {
        this.number = number;
    }

    /** Returns the number that export has for it. */
    public int number() {
        return number;
    }
}
