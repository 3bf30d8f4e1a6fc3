package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;

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
            TarArchiveEntry entry = pass.entry();
            String name = withoutRoot(requireUtf8(entry.getName()));
            requirePlain(entry);
            if (name.isEmpty()) {
                continue;
            }
            EntryPath path = EntryPath.of(name, limits, refusals);
            names.add(path);
            if (!path.isDirectory()) {
                sizes.add(path.name(), entry.getSize());
                files.put(path.name(), item(index, path.name(), entry.getSize()));
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

    /** The parser puts this character where it could not read one. */
    private String requireUtf8(String name) throws ArchiveException {
        if (name.indexOf('\ufffd') >= 0) {
            throw refusals.entry(
                    Rule.ENTRY_NAME,
                    name,
                    "has a name that is not UTF-8; rename it and pack it again with another tar");
        }
        return name;
    }

    private void requirePlain(TarArchiveEntry entry) throws ArchiveException {
        byte flag = entry.getLinkFlag();
        boolean plain = flag == TarConstants.LF_NORMAL || flag == TarConstants.LF_OLDNORM;
        if ((plain && !entry.isSparse()) || flag == TarConstants.LF_DIR) {
            return;
        }
        throw refusals.entry(
                Rule.UNSUPPORTED_ENTRY,
                entry.getName(),
                what(entry) + ", expected a plain file or folder; pack it again with torch-model-archiver");
    }

    private static String what(TarArchiveEntry entry) {
        if (entry.isSymbolicLink() || entry.isLink()) {
            return "is a link to " + Refusals.quoted(entry.getLinkName());
        }
        if (entry.isCharacterDevice() || entry.isBlockDevice() || entry.isFIFO()) {
            return "is a device or a pipe";
        }
        return entry.isSparse()
                ? "is a sparse file"
                : "is of the unknown type " + Refusals.quoted(Character.toString((char) (entry.getLinkFlag() & 0xff)));
    }

    private Item item(int index, String name, long size) throws IOException {
        CRC32 checksum = new CRC32();
        boolean keep = size <= LARGEST_KEPT && size <= ALL_KEPT - keptBytes;
        ByteArrayOutputStream kept = new ByteArrayOutputStream(keep ? (int) size : 0);
        byte[] buffer = new byte[BUFFER];
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
