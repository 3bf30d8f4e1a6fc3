package dev.cresset.mar.internal.archive;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;

/**
 * The number and the sizes of an archive's files, held to the limits one by one.
 *
 * <p>Instances are not safe for use by several threads.
 */
public final class EntrySizes {
    private final ArchiveLimits limits;
    private final Refusals refusals;
    private long total;

    public EntrySizes(ArchiveLimits limits, Refusals refusals) {
        this.limits = limits;
        this.refusals = refusals;
    }

    public void add(String name, long size) throws ArchiveException {
        if (size > limits.maxEntryBytes()) {
            throw tooLarge(name, "expands", limits.maxEntryBytes(), "maxEntryBytes");
        }
        // By subtraction: the sum of two numbers from outside may not fit.
        if (size > limits.maxTotalBytes() - total) {
            throw tooLarge(name, "and those before it expand", limits.maxTotalBytes(), "maxTotalBytes");
        }
        total += size;
    }

    public ArchiveException tooManyEntries() {
        return refusals.archive(
                Rule.LIMIT,
                "holds more than " + Refusals.number(limits.maxEntries())
                        + " entries; raise ArchiveLimits.maxEntries if you trust this file");
    }

    private ArchiveException tooLarge(String name, String expands, long limit, String limitName) {
        return refusals.entry(
                Rule.LIMIT,
                name,
                expands + " to more than " + Refusals.number(limit) + " bytes; raise ArchiveLimits." + limitName
                        + " if you trust this file");
    }
}
