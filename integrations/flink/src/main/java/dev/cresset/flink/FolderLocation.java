package dev.cresset.flink;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.apache.flink.api.common.functions.RuntimeContext;

/** A folder whose newest archive of one model is in service. */
final class FolderLocation extends ModelLocation {

    private static final long serialVersionUID = 1L;

    private final String folder;
    private final String model;
    private final Duration interval;

    FolderLocation(String folder, String model, Duration interval) {
        this.folder = Objects.requireNonNull(folder, "folder");
        this.model = Objects.requireNonNull(model, "model");
        if (interval.isZero() || interval.isNegative()) {
            throw new IllegalArgumentException("interval is " + interval + ", it must be more than zero");
        }
        this.interval = interval;
    }

    @Override
    String identity(RuntimeContext task) {
        return folder + " " + model + " " + interval;
    }

    @Override
    <I, O> OpenModel<I, O> open(PredictorSettings<I, O> settings, RuntimeContext task) throws IOException {
        return FollowedModel.open(Path.of(folder), model, interval, settings);
    }

    @Override
    public String toString() {
        return "model '" + model + "' in " + folder;
    }
}
