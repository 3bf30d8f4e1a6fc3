package dev.cresset.mar.internal.tar;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.internal.archive.EntryNames;
import dev.cresset.mar.internal.archive.EntryPath;
import dev.cresset.mar.internal.archive.EntrySizes;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * What a tar may hold: plain files with safe names, within the limits.
 *
 * <p>As in TorchServe, the first part of each name is cut off, whatever it is: the archiver puts all files under one folder
 * named after the model. But a tar whose manifest is at its top, as {@code tar -cz *} writes it, has no such folder.
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

    /** A file or folder, before it is known whether all are under one folder: its name with that, and without. */
    private record Found(String whole, String cut, Item item) {}

    /** Reads the tar to its end; returns the files by name, in its order. */
    Map<String, Item> files() throws IOException {
        List<Found> found = new ArrayList<>();
        for (int index = 0; pass.next(); index++) {
            if (index >= limits.maxEntries()) {
                throw sizes.tooManyEntries();
            }
            found.add(found(index, pass.entry()));
        }
        boolean atTop = isManifestAtTop(found);
        EntryNames names = new EntryNames(refusals);
        Map<String, Item> files = new LinkedHashMap<>();
        for (Found one : found) {
            String name = atTop ? one.whole() : one.cut();
            if (name.isEmpty()) {
                continue;
            }
            EntryPath path = EntryPath.of(name, limits, refusals);
            names.add(path);
            if (!path.isDirectory()) {
                files.put(path.name(), one.item());
            }
        }
        names.requireNoFileAsFolder();
        return files;
    }

    /** The whole name must be a safe one, or start with a dot and a slash, as in {@code tar -cz .}. */
    private Found found(int index, TarEntry entry) throws IOException {
        boolean dotted = entry.name().startsWith("./");
        String whole = dotted
                ? entry.name().substring(2)
                : EntryPath.of(entry.name(), limits, refusals).name();
        String cut = dotted ? whole : whole.substring(whole.indexOf('/') + 1);
        requirePlain(entry);
        String name = cut.isEmpty()
                ? entry.name()
                : EntryPath.of(cut, limits, refusals).name();
        sizes.add(name, entry.size());
        return new Found(whole, cut, item(index, name, entry.size()));
    }

    /** Not so if there also is one where TorchServe looks for it. */
    private static boolean isManifestAtTop(List<Found> found) {
        return found.stream().anyMatch(one -> one.whole().equals(EntryPath.MANIFEST))
                && found.stream().noneMatch(one -> one.cut().equals(EntryPath.MANIFEST));
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
