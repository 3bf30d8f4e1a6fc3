package dev.cresset.mar;

/**
 * How much an archive may ask for: a bound on each thing that a hostile or broken one could inflate.
 *
 * <p>{@code ModelArchive.open} holds what the archive declares to these limits before it reads any entry, and no entry
 * may yield more than it declared, so they bound what is read and not only what is announced. The defaults fit models
 * of up to 4 GiB. Who trusts a larger archive raises the one limit that the exception names:
 *
 * <pre>{@code
 * ArchiveLimits limits = ArchiveLimits.builder().maxEntryBytes(16L << 30).maxTotalBytes(16L << 30).build();
 * }</pre>
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class ArchiveLimits {
    private static final ArchiveLimits DEFAULTS = builder().build();

    private final int maxEntries;
    private final int maxNameLength;
    private final int maxDepth;
    private final long maxDirectoryBytes;
    private final long maxEntryBytes;
    private final long maxTotalBytes;
    private final int maxCompressionRatio;
    private final int maxManifestBytes;
    private final int maxConfigBytes;
    private final int maxProgramBytes;

    private ArchiveLimits(Builder builder) {
        maxEntries = builder.maxEntries;
        maxNameLength = builder.maxNameLength;
        maxDepth = builder.maxDepth;
        maxDirectoryBytes = builder.maxDirectoryBytes;
        maxEntryBytes = builder.maxEntryBytes;
        maxTotalBytes = builder.maxTotalBytes;
        maxCompressionRatio = builder.maxCompressionRatio;
        maxManifestBytes = builder.maxManifestBytes;
        maxConfigBytes = builder.maxConfigBytes;
        maxProgramBytes = builder.maxProgramBytes;
    }

    /** Returns the limits that {@code open} applies when it is given none. */
    public static ArchiveLimits defaults() {
        return DEFAULTS;
    }

    /** Returns a builder that starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns how many entries, files and directories, an archive may hold; 10,000 by default. */
    public int maxEntries() {
        return maxEntries;
    }

    /** Returns how many characters an entry's name may have; 512 by default. */
    public int maxNameLength() {
        return maxNameLength;
    }

    /** Returns how many folders deep a file may lie; 32 by default. */
    public int maxDepth() {
        return maxDepth;
    }

    /** Returns how many bytes of headers may be read to learn what an archive holds; 4 MiB by default. */
    public long maxDirectoryBytes() {
        return maxDirectoryBytes;
    }

    /** Returns how many bytes one entry may expand to; 4 GiB by default. */
    public long maxEntryBytes() {
        return maxEntryBytes;
    }

    /** Returns how many bytes all entries together may expand to; 8 GiB by default. */
    public long maxTotalBytes() {
        return maxTotalBytes;
    }

    /**
     * Returns how many times its compressed size an entry may expand to; 200 by default. Entries that expand to no more
     * than 1 MiB are free of it: small text and empty weights compress well and harm nobody.
     */
    public int maxCompressionRatio() {
        return maxCompressionRatio;
    }

    /** Returns how many bytes the manifest may have; 1 MiB by default. */
    public int maxManifestBytes() {
        return maxManifestBytes;
    }

    /** Returns how many bytes the YAML settings, {@code model-config.yaml}, may have; 256 KiB by default. */
    public int maxConfigBytes() {
        return maxConfigBytes;
    }

    /** Returns how many bytes of JSON may describe a program in a {@code .pt2}; 32 MiB by default. */
    public int maxProgramBytes() {
        return maxProgramBytes;
    }

    @Override
    public String toString() {
        return "ArchiveLimits[maxEntries=" + maxEntries + ", maxNameLength=" + maxNameLength + ", maxDepth=" + maxDepth
                + ", maxDirectoryBytes=" + maxDirectoryBytes + ", maxEntryBytes=" + maxEntryBytes + ", maxTotalBytes="
                + maxTotalBytes
                + ", maxCompressionRatio=" + maxCompressionRatio + ", maxManifestBytes=" + maxManifestBytes
                + ", maxConfigBytes=" + maxConfigBytes + ", maxProgramBytes="
                + maxProgramBytes + "]";
    }

    /**
     * Collects limits. Each setter refuses a value below one with an {@link IllegalArgumentException}.
     *
     * <p>Instances are not safe for use by several threads.
     */
    public static final class Builder {
        private int maxEntries = 10_000;
        private int maxNameLength = 512;
        private int maxDepth = 32;
        private long maxDirectoryBytes = 4L << 20;
        private long maxEntryBytes = 4L << 30;
        private long maxTotalBytes = 8L << 30;
        private int maxCompressionRatio = 200;
        private int maxManifestBytes = 1 << 20;
        private int maxConfigBytes = 1 << 18;
        private int maxProgramBytes = 32 << 20;

        private Builder() {}

        /** Sets {@link ArchiveLimits#maxEntries()}. */
        public Builder maxEntries(int entries) {
            maxEntries = Math.toIntExact(positive("maxEntries", entries));
            return this;
        }

        /** Sets {@link ArchiveLimits#maxNameLength()}. */
        public Builder maxNameLength(int characters) {
            maxNameLength = Math.toIntExact(positive("maxNameLength", characters));
            return this;
        }

        /** Sets {@link ArchiveLimits#maxDepth()}. */
        public Builder maxDepth(int folders) {
            maxDepth = Math.toIntExact(positive("maxDepth", folders));
            return this;
        }

        /** Sets {@link ArchiveLimits#maxDirectoryBytes()}. */
        public Builder maxDirectoryBytes(long bytes) {
            maxDirectoryBytes = positive("maxDirectoryBytes", bytes);
            return this;
        }

        /** Sets {@link ArchiveLimits#maxEntryBytes()}. */
        public Builder maxEntryBytes(long bytes) {
            maxEntryBytes = positive("maxEntryBytes", bytes);
            return this;
        }

        /** Sets {@link ArchiveLimits#maxTotalBytes()}. */
        public Builder maxTotalBytes(long bytes) {
            maxTotalBytes = positive("maxTotalBytes", bytes);
            return this;
        }

        /** Sets {@link ArchiveLimits#maxCompressionRatio()}. */
        public Builder maxCompressionRatio(int ratio) {
            maxCompressionRatio = Math.toIntExact(positive("maxCompressionRatio", ratio));
            return this;
        }

        /** Sets {@link ArchiveLimits#maxManifestBytes()}. */
        public Builder maxManifestBytes(int bytes) {
            maxManifestBytes = Math.toIntExact(positive("maxManifestBytes", bytes));
            return this;
        }

        /** Sets {@link ArchiveLimits#maxConfigBytes()}. */
        public Builder maxConfigBytes(int bytes) {
            maxConfigBytes = Math.toIntExact(positive("maxConfigBytes", bytes));
            return this;
        }

        /** Sets {@link ArchiveLimits#maxProgramBytes()}. */
        public Builder maxProgramBytes(int bytes) {
            maxProgramBytes = Math.toIntExact(positive("maxProgramBytes", bytes));
            return this;
        }

        /** Returns the limits set so far; the builder may be used on. */
        public ArchiveLimits build() {
            return new ArchiveLimits(this);
        }

        private static long positive(String name, long value) {
            if (value < 1) {
                throw new IllegalArgumentException("ArchiveLimits." + name + " is " + value + ", expected at least 1");
            }
            return value;
        }
    }
}
