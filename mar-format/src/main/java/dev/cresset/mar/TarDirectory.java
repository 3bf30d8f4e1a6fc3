package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * What a tar may hold: plain files with safe names, within the limits.
 *
 * <p>As in TorchServe, the first part of each name is cut off, whatever it is: the archiver puts all files under one folder
 * named after the model.
 */
final class TarDirectory {
    private static final int LARGEST_KEPT = 1 << 16;
    private static final int ALL_KEPT = 1 << 20;
    private static final int BUFFER = 1 << 13;

    private final TarPass pass;
    private final EntrySizes sizes;
    private final ArchiveLimits limits;
    private final Refusals refusals;
    private final byte[] buffer = new byte[BUFFER];
    private int keptBytes;

    TarDirectory(TarPass pass, ArchiveLimits limits, Refusals refusals) {
        this.pass = pass;
        this.sizes = new EntrySizes(limits, refusals);
        this.limits = limits;
        this.refusals = refusals;
    }

    /**
     * A file in the tar.
     *
     * @param index the place of its header among all headers
     * @param kept its content when it is small, else an empty array
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Item(int index, long size, long checksum, byte[] kept) {
        boolean isKept() {
            return kept.length == size;
        }
    }

    /** Reads the tar to its end; returns the files by name, in its order. */
    Map<String, Item> files() throws IOException {
        EntryNames names = new EntryNames(refusals);
        Map<String, Item> files = new LinkedHashMap<>();
        for (int index = 0; pass.next(); index++) {
            if (index >= limits.maxEntries()) {
                throw sizes.tooManyEntries();
            }
            TarEntry entry = pass.entry();
            String name = withoutRoot(entry.name());
            requirePlain(entry);
            if (name.isEmpty()) {
                continue;
            }
            EntryPath path = EntryPath.of(name, limits, refusals);
            names.add(path);
            if (!path.isDirectory()) {
                sizes.add(path.name(), entry.size());
                files.put(path.name(), item(index, path.name(), entry.size()));
            }
        }
        names.requireNoFileAsFolder();
        return files;
    }

    /** The whole name must be a safe one, or start with a dot and a slash, as in {@code tar -cz .}. */
    private String withoutRoot(String name) throws ArchiveException {
        if (name.startsWith("./")) {
            return name.substring(2);
        }
        EntryPath whole = EntryPath.of(name, limits, refusals);
        return whole.name().substring(whole.name().indexOf('/') + 1);
    }

    private void requirePlain(TarEntry entry) throws ArchiveException {
        // Some readers skip a folder's content, others take it for the next header.
        if (entry.isFile() || (entry.isFolder() && entry.size() == 0)) {
            return;
        }
        throw refusals.entry(
                Rule.UNSUPPORTED_ENTRY,
                entry.name(),
                what(entry) + ", expected a plain file or folder; pack it again with torch-model-archiver");
    }

    private static String what(TarEntry entry) {
        if (entry.isFolder()) {
            return "is a folder with a content";
        }
        return switch (entry.type()) {
            case '1', '2' -> "is a link";
            case '3', '4', '6' -> "is a device or a pipe";
            case '0', '\0', 'S' -> "is a sparse file";
            default -> "is of the unknown type " + Refusals.quoted(Character.toString(entry.type()));
        };
    }

    private Item item(int index, String name, long size) throws IOException {
        CRC32 checksum = new CRC32();
        boolean keep = size <= LARGEST_KEPT && size <= ALL_KEPT - keptBytes;
        ByteArrayOutputStream kept = new ByteArrayOutputStream(keep ? (int) size : 0);
        InputStream content = pass.content();
        long count = 0;
        for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
            checksum.update(buffer, 0, read);
            count += read;
            if (keep) {
                kept.write(buffer, 0, read);
            }
        }
        if (count != size) {
            throw refusals.entry(
                    Rule.DAMAGED,
                    name,
                    "ends after " + Refusals.number(count) + " bytes, expected " + Refusals.number(size)
                            + "; the file is damaged, build or copy it again");
        }
        keptBytes += kept.size();
        return new Item(index, size, checksum.getValue(), kept.toByteArray());
    }
}
