package dev.cresset.flink;

import java.io.File;
import java.io.IOException;
import java.util.Objects;
import org.apache.flink.api.common.functions.RuntimeContext;

/** A file that Flink brings to each task manager. */
final class CachedLocation extends ModelLocation {

    private static final long serialVersionUID = 1L;

    private final String name;

    CachedLocation(String name) {
        this.name = Objects.requireNonNull(name, "name");
    }

    private File file(RuntimeContext task) throws IOException {
        try {
            return task.getDistributedCache().getFile(name);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "no file is registered as '" + name + "'; call env.registerCachedFile(path, \"" + name
                            + "\") where the job is made",
                    e);
        }
    }

    @Override
    String identity(RuntimeContext task) throws IOException {
        return FileLocation.identity(file(task).toPath());
    }

    @Override
    <I, O> OpenModel<I, O> open(PredictorSettings<I, O> settings, RuntimeContext task) throws IOException {
        return settings.open(file(task).toPath(), name);
    }

    @Override
    public String toString() {
        return "cached file " + name;
    }
}
