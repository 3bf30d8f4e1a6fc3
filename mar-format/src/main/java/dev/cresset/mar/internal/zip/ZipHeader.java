package dev.cresset.mar.internal.zip;

/**
 * What a zip's directory says about one entry.
 *
 * @param name as its bytes say it, in UTF-8; folders end in a slash
 * @param type what Unix takes it for; 0 when the archiver did not say
 * @param offset where its local header lies
 */
record ZipHeader(
        String name, int flags, int method, int type, long checksum, long compressedSize, long size, long offset) {
    static final int ENCRYPTED = 1;

    /** The sizes and the checksum come after the data: the archiver could not go back. */
    static final int SIZES_FOLLOW = 1 << 3;

    /** How hard the archiver tried, the above, and that the name is in UTF-8. */
    static final int HARMLESS = 1 << 1 | 1 << 2 | SIZES_FOLLOW | 1 << 11;

    static final int STORED = 0;
    static final int DEFLATED = 8;

    boolean sizesFollow() {
        return (flags & SIZES_FOLLOW) != 0;
    }
}
