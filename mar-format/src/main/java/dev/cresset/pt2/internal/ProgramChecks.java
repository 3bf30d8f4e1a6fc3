package dev.cresset.pt2.internal;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.pt2.ExportedProgram;
import dev.cresset.pt2.Payload;
import java.util.Map;

/** x. */
public record ProgramChecks(
        ExportedProgram program,
        Map<String, Payload> weights,
        Map<String, Payload> constants,
        String entry,
        Refusals refusals) {
    public void require() throws ArchiveException {}
}
