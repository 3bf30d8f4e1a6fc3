package dev.cresset.internal.loading;

import dev.cresset.internal.trust.TorchZip;

/** Tells by its entries whether a zip is one of {@code torch.export}, while it is checked. Used by one thread. */
final class ExportedEntries implements TorchZip.Reader {

    private final TorchZip.Reader next;
    private boolean hasPrograms;

    /** Hands on what others look into. */
    ExportedEntries(TorchZip.Reader next) {
        this.next = next;
    }

    /** Also where it has none that can be read: it is old, or compiled. */
    boolean hasPrograms() {
        return hasPrograms;
    }

    @Override
    public boolean wants(String entry, long size) {
        String name = entry.substring(entry.lastIndexOf('/') + 1);
        if (name.equals("archive_format") || name.equals("serialized_exported_program.json")) {
            hasPrograms = true;
        }
        return next.wants(entry, size);
    }

    @Override
    public void read(String entry, byte[] content) {
        next.read(entry, content);
    }

    @Override
    public void tooLarge(String entry, long size) {
        next.tooLarge(entry, size);
    }

    /** What is no module's is read otherwise. */
    @Override
    public void end() {
        if (!hasPrograms) {
            next.end();
        }
    }
}
