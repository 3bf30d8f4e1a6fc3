package dev.cresset.mar.internal.archive;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The names in one archive, no two of which are the same file on any system.
 *
 * <p>Instances are not safe for use by several threads.
 */
public final class EntryNames {
    private final Refusals refusals;

    /** From folded to real names. Sorted, so that what lies below a name comes right after it. */
    private final NavigableMap<String, String> names = new TreeMap<>();

    public EntryNames(Refusals refusals) {
        this.refusals = refusals;
    }

    public void add(EntryPath path) throws ArchiveException {
        String earlier = names.putIfAbsent(path.folded(), path.name());
        if (earlier == null || path.isDirectory()) {
            return;
        }
        throw refusals.entry(
                Rule.NAME_CLASH,
                path.name(),
                earlier.equals(path.name())
                        ? "is in the archive twice, and it cannot be told which is meant; pack it again"
                        : "and entry " + Refusals.quoted(earlier)
                                + " are one file where case does not count; rename one and pack again");
    }

    /** Refuses a file that is also a folder of others; to be asked once all names are added. */
    public void requireNoFileAsFolder() throws ArchiveException {
        for (String folded : names.keySet()) {
            if (folded.endsWith("/")) {
                continue;
            }
            var below = names.ceilingEntry(folded + "/");
            if (below != null && below.getKey().startsWith(folded + "/")) {
                throw refusals.entry(
                        Rule.NAME_CLASH,
                        names.getOrDefault(folded, folded),
                        "is a file, and also the folder of " + Refusals.quoted(below.getValue())
                                + "; rename one and pack again");
            }
        }
    }
}
