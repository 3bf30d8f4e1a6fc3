package dev.cresset.pt2;

/** How a tensor's elements are kept, under export's own numbers, which are not those of PyTorch's C++. */
public enum Layout {
    /** Not told. */
    UNKNOWN(0),
    /** Sparse: coordinates and values. */
    SPARSE_COO(1),
    /** Sparse: compressed rows. */
    SPARSE_CSR(2),
    /** Sparse: compressed columns. */
    SPARSE_CSC(3),
    /** Sparse: compressed rows of blocks. */
    SPARSE_BSR(4),
    /** Sparse: compressed columns of blocks. */
    SPARSE_BSC(5),
    /** As oneDNN likes it. */
    MKLDNN(6),
    /** All elements, at equal distances in each dimension. */
    STRIDED(7);

    private final int number;

    Layout(int number) {
        this.number = number;
    }

    /** Returns the number that export has for it. */
    public int number() {
        return number;
    }
}
