package dev.cresset.mar.internal.tar;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads the headers before one content of a tar: the entry's own, and before it those with what has no room there, in the
 * way of POSIX or in that of GNU tar.
 *
 * <p>Readers differ in what they take when several of these say the same thing, so none may. Header by header, in memory of
 * a fixed size; a chain of them is not followed by calls within calls.
 *
 * <p>Instances are not safe for use by several threads.
 */
final class TarEntryReader {
    /** Enough for the longest name and a dozen attributes. */
    private static final int LARGEST_HEADER = 1 << 16;

    private static final char ATTRIBUTES = 'x';
    private static final char ATTRIBUTES_FOR_ALL = 'g';
    private static final char LONG_NAME = 'L';
    private static final char LONG_LINK = 'K';

    private final InputStream in;
    private final ArchiveLimits limits;
    private final Refusals refusals;

    /** Of all headers so far, and of those of one entry. */
    private long headersBytes;

    private int headerBytes;

    TarEntryReader(InputStream in, ArchiveLimits limits, Refusals refusals) {
        this.in = in;
        this.limits = limits;
        this.refusals = refusals;
    }

    /** Returns the next entry; empty when a record of zeros, the mark of the end, is there instead. */
    Optional<TarEntry> next() throws IOException {
        headerBytes = 0;
        Optional<TarAttributes> attributes = Optional.empty();
        Optional<byte[]> longName = Optional.empty();
        boolean longLink = false;
        while (true) {
            byte[] record = read(TarHeader.RECORD);
            if (isZeros(record)) {
                require(attributes.isEmpty() && longName.isEmpty() && !longLink, "a header stands before no entry");
                return Optional.empty();
            }
            TarHeader header = TarHeader.of(record);
            switch (header.type()) {
                case ATTRIBUTES -> {
                    require(attributes.isEmpty(), "an entry has attributes twice");
                    attributes = Optional.of(TarAttributes.of(content(header)));
                }
                case ATTRIBUTES_FOR_ALL ->
                    require(
                            TarAttributes.of(content(header)).isHarmless(),
                            "attributes change all entries that follow");
                case LONG_NAME -> {
                    require(longName.isEmpty(), "an entry has a long name twice");
                    longName = Optional.of(withoutZero(content(header)));
                }
                case LONG_LINK -> {
                    require(!longLink, "an entry has a long link twice");
                    longLink = content(header).length > 0;
                }
                default -> {
                    return Optional.of(entry(header, attributes.orElse(TarAttributes.NONE), longName));
                }
            }
        }
    }

    private TarEntry entry(TarHeader header, TarAttributes attributes, Optional<byte[]> longName)
            throws ArchiveException {
        require(attributes.path().isEmpty() || longName.isEmpty(), "an entry has two names");
        byte[] rawName = attributes.path().or(() -> longName).orElse(header.rawName());
        String name = name(rawName);
        boolean folder =
                header.type() == '5' || ((header.type() == '0' || header.type() == '\0') && name.endsWith("/"));
        return new TarEntry(
                folder && !name.endsWith("/") ? name + "/" : name,
                header.type(),
                folder,
                attributes.isSparse(),
                attributes.size().orElse(header.size()));
    }

    private String name(byte[] raw) throws ArchiveException {
        Optional<String> name = TarAttributes.utf8(raw);
        if (name.isEmpty()) {
            throw refusals.entry(
                    Rule.ENTRY_NAME,
                    new String(raw, StandardCharsets.UTF_8),
                    "has a name that is not UTF-8; rename it and pack it again with another tar");
        }
        return name.get();
    }

    /** Reads what follows a header that is about the next one. */
    private byte[] content(TarHeader header) throws IOException {
        if (header.size() > LARGEST_HEADER) {
            throw tooLong();
        }
        int size = (int) header.size();
        byte[] records = read(size + TarHeader.padding(size));
        // Some readers take all of the last record, whatever the size is.
        require(isZeros(Arrays.copyOfRange(records, size, records.length)), "a header has more than its size");
        return Arrays.copyOf(records, size);
    }

    private byte[] read(int length) throws IOException {
        headerBytes += length;
        headersBytes += length;
        if (headerBytes > LARGEST_HEADER) {
            throw tooLong();
        }
        if (headersBytes > limits.maxDirectoryBytes()) {
            throw refusals.archive(
                    Rule.LIMIT,
                    "its headers take more than " + Refusals.number(limits.maxDirectoryBytes())
                            + " bytes; raise ArchiveLimits.maxDirectoryBytes if you trust this file");
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw refusals.archive(
                    Rule.DAMAGED, "is a tar without the zeros at its end; it was cut short, copy or build it again");
        }
        return bytes;
    }

    private ArchiveException tooLong() {
        return refusals.archive(
                Rule.DAMAGED,
                "has an entry whose headers take more than " + Refusals.number(LARGEST_HEADER)
                        + " bytes; no archiver writes that, do not use this file if you do not know who made it");
    }

    private static void require(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private static byte[] withoutZero(byte[] text) {
        return text.length > 0 && text[text.length - 1] == 0 ? Arrays.copyOf(text, text.length - 1) : text;
    }

    static boolean isZeros(byte[] bytes) {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }
}
