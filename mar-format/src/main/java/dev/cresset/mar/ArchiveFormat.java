package dev.cresset.mar;

/**
 * What holds an archive's files: {@code torch-model-archiver --archive-format}.
 *
 * <p>When reading, the format is told by the content and never by the file's name.
 */
public enum ArchiveFormat {
    /** A {@code .mar} whose entries are deflated: a zip. */
    DEFAULT("default", ".mar"),
    /** A {@code .mar} whose entries are stored as they are: quicker to write and to read, as large as its files. */
    ZIP_STORE("zip-store", ".mar"),
    /** A {@code .tar.gz} with all files under one folder. Every entry that is read costs a pass over the file. */
    TGZ("tgz", ".tar.gz"),
    /** A folder with the files in it. */
    NO_ARCHIVE("no-archive", "");

    private final String text;
    private final String extension;

    ArchiveFormat(String text, String extension) {
        this.text = text;
        this.extension = extension;
    }

    /** Returns the archiver's word for the format, such as {@code zip-store}. */
    public String text() {
        return text;
    }

    /** Returns what follows the model's name in the archive's name: {@code .mar}, {@code .tar.gz} or nothing. */
    public String extension() {
        return extension;
    }
}
