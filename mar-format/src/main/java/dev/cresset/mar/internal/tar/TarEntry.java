package dev.cresset.mar.internal.tar;

/**
 * What the headers before one content of a tar say together.
 *
 * @param type a digit for what POSIX knows, a letter for what others added
 * @param isFolder whether it stands for a folder, by its type or by its name
 * @param isSparse whether it is a file with holes
 */
record TarEntry(String name, char type, boolean isFolder, boolean isSparse, long size) {
    boolean isFile() {
        return (type == '0' || type == '\0') && !isFolder && !isSparse;
    }
}
