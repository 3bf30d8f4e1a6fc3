package dev.cresset.mar;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says what is wrong with an archive: which archive, which entry, which rule, what was expected and what to do.
 *
 * <p>The message is a sentence for people and may be reworded; programs decide by {@link #rule()}.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class ArchiveException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What an archive must be or hold. */
    public enum Rule {
        /** The file can be opened and read. */
        UNREADABLE,
        /** The file is a zip or a gzipped tar, and not something else under the name of one. */
        NOT_AN_ARCHIVE,
        /** The file is whole: headers agree, data are where they should be, checksums match. */
        DAMAGED,
        /** The archive stays within its {@link ArchiveLimits}. */
        LIMIT,
        /** Entry names are plain relative paths. */
        ENTRY_NAME,
        /** No two entries are the same file, not even where upper and lower case are one. */
        NAME_CLASH,
        /** Entries are plain files: not encrypted, no devices, no links but those that stay in an unpacked folder. */
        UNSUPPORTED_ENTRY,
        /** What is read is in the archive. */
        NO_SUCH_ENTRY,
        /** The manifest is where TorchServe looks for it. */
        MISSING_MANIFEST,
        /** The manifest is a JSON object. */
        MANIFEST_SYNTAX,
        /** The manifest holds what TorchServe requires, in the types it requires. */
        MANIFEST_FIELD,
        /** The files that the manifest names are plain file names, and in the archive. */
        MANIFEST_REFERENCE,
        /** The settings are a YAML mapping of plain values. */
        CONFIG_SYNTAX,
        /** What is packed is there, can be read, and stays as it is meanwhile. */
        SOURCE,
        /** A program's JSON is valid, and what export's schema says. */
        PROGRAM_SYNTAX,
        /** A program is written by a version of PyTorch that is read here. */
        PROGRAM_VERSION,
        /** A program needs nothing that is not read here: nothing that is pickled, no kind that is unknown. */
        PROGRAM_UNSUPPORTED,
        /** What a program names is there: its values before they are used, its weights, each as long as its sizes need. */
        PROGRAM_REFERENCE,
        /** What is packed or unpacked goes where nothing is yet, or may be replaced, and where this process may write. */
        TARGET
    }

    private final Rule rule;
    private final String archive;
    private final @Nullable String entry;

    /**
     * Says that an archive breaks a rule.
     *
     * @param archive the archive's path
     * @param entry what the rule was applied to; empty for the archive as a whole
     * @param cause what was thrown, if anything was
     */
    public ArchiveException(
            Rule rule, String archive, Optional<String> entry, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.rule = rule;
        this.archive = archive;
        this.entry = entry.orElse(null); // an Optional could not be serialized
    }

    /** Returns the rule that the archive breaks. */
    public Rule rule() {
        return rule;
    }

    /** Returns the archive's path, as it was given to {@code open}. */
    public String archive() {
        return archive;
    }

    /** Returns the entry that the rule was applied to; empty when it concerns the archive as a whole. */
    public Optional<String> entry() {
        return Optional.ofNullable(entry);
    }
}
