package dev.cresset.flink;

import dev.cresset.Predictor;
import dev.cresset.WhenFull;
import dev.cresset.mar.ManifestModel;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;

/**
 * How a predictor is opened on a task manager.
 *
 * @param handlers makes the handler, once a predictor
 * @param customizer what the user sets beside that
 * @param queue how many requests may be in flight on this task manager, all subtasks together
 */
record PredictorSettings<I, O>(HandlerSource<I, O> handlers, Scoring.Customizer<I, O> customizer, int queue)
        implements Serializable {

    /** What turns requests into tensors. */
    sealed interface HandlerSource<I, O> extends Serializable {
        Predictor.Builder<I, O> builder(ModelArchive archive) throws IOException;

        Predictor.Builder<I, O> builder(Path file) throws IOException;
    }

    /** One that needs nothing of the model's file. */
    record OfNothing<I, O>(Scoring.HandlerFactory<I, O> factory) implements HandlerSource<I, O> {
        @Override
        public Predictor.Builder<I, O> builder(ModelArchive archive) throws IOException {
            return Predictor.builder(archive, factory.open());
        }

        @Override
        public Predictor.Builder<I, O> builder(Path file) throws IOException {
            return Predictor.builder(file, factory.open());
        }
    }

    /** One that reads its archive. */
    record OfArchive<I, O>(Scoring.ArchiveHandlerFactory<I, O> factory) implements HandlerSource<I, O> {
        @Override
        public Predictor.Builder<I, O> builder(ModelArchive archive) throws IOException {
            return Predictor.builder(archive, factory.open(archive));
        }

        @Override
        public Predictor.Builder<I, O> builder(Path file) throws IOException {
            throw new IOException(
                    file.getFileName()
                            + " is no archive, and its handler is made of one; give one with Scoring.builder(model, () -> handler)");
        }
    }

    /** The one that the archive names. */
    record OfManifest() implements HandlerSource<byte[], String> {
        @Override
        public Predictor.Builder<byte[], String> builder(ModelArchive archive) throws IOException {
            return Predictor.builder(archive);
        }

        @Override
        public Predictor.Builder<byte[], String> builder(Path file) throws IOException {
            throw new IOException(file.getFileName()
                    + " is no archive, so it names no handler; give one with Scoring.builder(model, () -> handler)");
        }
    }

    /** Opens a file of this name, by its end. */
    OpenModel<I, O> open(Path path) throws IOException {
        return open(path, String.valueOf(path.getFileName()));
    }

    /** Opens a file that was called so before it was copied. */
    OpenModel<I, O> open(Path path, String name) throws IOException {
        if (!name.endsWith(".mar") && !ModelArchive.isArchive(path)) {
            Predictor.Builder<I, O> builder = handlers.builder(path).batching(Scoring.BATCHING);
            return new SinglePredictor<>(completed(builder).open(), name, "");
        }
        try (ModelArchive archive = ModelArchive.open(path)) {
            ManifestModel model = archive.manifest().model();
            return new SinglePredictor<>(open(archive), model.modelName(), model.modelVersion());
        }
    }

    Predictor<I, O> open(ModelArchive archive) throws IOException {
        Predictor.Builder<I, O> builder = handlers.builder(archive);
        if (archive.config().batchSize().isEmpty()) {
            builder.batching(Scoring.BATCHING);
        }
        return completed(builder).open();
    }

    /**
     * Flink's capacity bounds what is in flight, and the queue has places for all of it. A request that Flink has given up may run
     * still, and an envelope's items take a place each: who comes then waits for a run to end, and is not refused.
     */
    private Predictor.Builder<I, O> completed(Predictor.Builder<I, O> builder) throws IOException {
        return customizer.customize(builder.queue(queue, WhenFull.BLOCK));
    }
}
