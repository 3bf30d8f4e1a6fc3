package dev.cresset.mar.internal.writing;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveFormat;
import dev.cresset.mar.ProgressListener;
import dev.cresset.mar.internal.archive.FileTrees;
import dev.cresset.mar.internal.archive.Output;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.mar.internal.archive.Source;
import dev.cresset.mar.internal.archive.SourceStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Map;

/**
 * Writes an archive: first in a fresh folder beside its place, then, when all is there, by a move. What fails leaves nothing
 * behind, and what was in the place as it was.
 *
 * <p>Instances are not safe for use by several threads.
 */
public final class Packer {
    private final Map<String, Source> sources;
    private final ArchiveFormat format;
    private final String name;
    private final ZoneId zone;
    private final Target target;
    private final Refusals refusals;
    private final SourceStream.Progress progress;

    public Packer(
            Map<String, Source> sources,
            ArchiveFormat format,
            String name,
            ZoneId zone,
            Target target,
            ProgressListener listener,
            Refusals refusals) {
        this.sources = sources;
        this.format = format;
        this.name = name;
        this.zone = zone;
        this.target = target;
        this.refusals = refusals;
        this.progress = new SourceStream.Progress(
                listener, sources.values().stream().mapToLong(Source::size).sum());
    }

    public void pack() throws ArchiveException {
        try {
            packIn(target.freshFolder());
        } catch (ArchiveException e) {
            throw e;
        } catch (IOException e) {
            throw target.unwritable(e);
        }
    }

    private void packIn(Path fresh) throws IOException {
        try {
            // In the fresh folder, and not it: that is for this user only, the archive for whoever may read files here.
            Path archive = fresh.resolve("archive");
            write(archive);
            target.take(archive);
        } finally {
            FileTrees.delete(fresh);
        }
    }

    private void write(Path archive) throws IOException {
        try (Output output = AnyOutput.open(archive, format, name, zone)) {
            for (Map.Entry<String, Source> entry : sources.entrySet()) {
                Source source = entry.getValue();
                try (SourceStream content = new SourceStream(entry.getKey(), source, progress, refusals)) {
                    output.add(entry.getKey(), source.size(), source.modified(), content);
                }
            }
            output.finish();
        }
    }
}
