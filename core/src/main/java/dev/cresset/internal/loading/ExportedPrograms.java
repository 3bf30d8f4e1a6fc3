package dev.cresset.internal.loading;

import dev.cresset.ModelLoadException;
import dev.cresset.engine.ModelSource;
import dev.cresset.internal.trust.UntrustedProgram;
import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.pt2.ExportedProgram;
import dev.cresset.pt2.Pt2Archive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/** Opens what {@code torch.export.save} wrote. */
final class ExportedPrograms {

    /** Whoever made it is trusted not to fill our memory. */
    private static final ArchiveLimits UNLIMITED = ArchiveLimits.builder()
            .maxEntries(Integer.MAX_VALUE)
            .maxNameLength(Integer.MAX_VALUE)
            .maxDepth(Integer.MAX_VALUE)
            .maxDirectoryBytes(Long.MAX_VALUE)
            .maxEntryBytes(Long.MAX_VALUE)
            .maxTotalBytes(Long.MAX_VALUE)
            .maxCompressionRatio(Integer.MAX_VALUE)
            .maxProgramBytes(Integer.MAX_VALUE)
            .build();

    private ExportedPrograms() {}

    /** Whoever closes the archive of what is returned closes the file. */
    static ModelSource.Exported open(String name, Path path, boolean trusted) throws IOException {
        try {
            Pt2Archive archive = Pt2Archive.open(path, trusted ? UNLIMITED : ArchiveLimits.defaults());
            boolean success = false;
            try {
                ModelSource.Exported exported = read(name, archive, trusted);
                success = true;
                return exported;
            } finally {
                if (!success) {
                    archive.close();
                }
            }
        } catch (ArchiveException e) {
            String wayOut = e.rule() == ArchiveException.Rule.LIMIT && !trusted
                    ? "; ModelOptions.builder().trusted(true) opens one of any size, that comes from where you trust"
                    : "";
            throw new ModelLoadException("cannot load " + name + ": " + e.getMessage() + wayOut, e);
        }
    }

    private static ModelSource.Exported read(String name, Pt2Archive archive, boolean trusted) throws IOException {
        if (archive.programs().isEmpty()) {
            throw new ModelLoadException("cannot load " + name
                    + ": it holds no program, only native code, which AOTInductor compiled for one CPU"
                    + " and one LibTorch (" + targets(archive)
                    + "); save the program itself: torch.export.save(torch.export.export(model, args), path)");
        }
        Map<String, ExportedProgram> programs = new LinkedHashMap<>();
        for (String program : archive.programs()) {
            programs.put(program, archive.program(program));
        }
        if (!trusted) {
            UntrustedProgram.requireHarmless(name, programs.values());
        }
        return new ModelSource.Exported(name, archive, programs);
    }

    /** What each of the compiled models is for. */
    private static String targets(Pt2Archive archive) throws IOException {
        StringJoiner targets = new StringJoiner("; ");
        for (String model : archive.compiledModels()) {
            targets.add(model + " for " + archive.compiledModel(model).target());
        }
        return targets.toString();
    }
}
