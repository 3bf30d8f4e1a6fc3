package dev.cresset.flink;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.api.common.functions.RuntimeContext;

/**
 * Where task managers find a model: an archive ({@code .mar}, {@code .tar.gz}, {@code .tgz}, or an unpacked folder), or a bare
 * {@code .pt} or {@code .pt2}. The name's end tells a bare file from an archive.
 *
 * <p>Immutable, serialisable, safe for use by several threads.
 */
public abstract sealed class ModelLocation implements Serializable
        permits FileLocation, CachedLocation, EmbeddedLocation, FolderLocation {

    private static final long serialVersionUID = 1L;

    ModelLocation() {}

    /**
     * A file that every task manager can read: a path on its disk, in its image or on a shared mount, or a URI of one of Flink's
     * file systems ({@code s3://models/risk.mar}), from which it is copied when the model is opened, and deleted after that.
     */
    public static ModelLocation at(String pathOrUri) {
        return new FileLocation(pathOrUri);
    }

    /**
     * A file of Flink's distributed cache, by the name that {@code env.registerCachedFile(path, name)} gave it. Flink copies it to
     * each task manager once a job.
     *
     * @param name the registered name, which has to end as the file's does: {@code risk.mar}, {@code risk.pt}
     */
    public static ModelLocation cached(String name) {
        return new CachedLocation(name);
    }

    /**
     * The file's bytes as they are now, in the job itself; for models of a few megabytes. Read here, where the job is made: task
     * managers need to find nothing.
     *
     * @throws IOException if the file cannot be read
     */
    public static ModelLocation embedded(Path file) throws IOException {
        return new EmbeddedLocation(String.valueOf(file.getFileName()), Files.readAllBytes(file));
    }

    /** A folder of archives that is followed; it is looked at every two seconds. See {@link #folder(String, String, Duration)}. */
    public static ModelLocation folder(String folder, String model) {
        return folder(folder, model, Duration.ofSeconds(2));
    }

    /**
     * A folder of archives that is followed while the job runs: records are scored by the model of this name, in the version that
     * was modified last. An archive that comes takes over without a restart and without a record lost; one that cannot be opened
     * changes nothing, and is counted. Each task manager changes over for itself.
     *
     * @param folder a path that every task manager can read, as a shared mount is
     * @param model the name in the archives' manifests
     * @param interval how often the folder is looked at
     * @see dev.cresset.registry.ModelRegistry#follow(Path, Duration)
     */
    public static ModelLocation folder(String folder, String model, Duration interval) {
        return new FolderLocation(folder, model, interval);
    }

    /** Equal, on one task manager, for what is the same model; a file that was changed is another one. */
    abstract String identity(RuntimeContext task) throws IOException;

    /** Opens what is there, on the task manager. */
    abstract <I, O> OpenModel<I, O> open(PredictorSettings<I, O> settings, RuntimeContext task) throws IOException;
}
