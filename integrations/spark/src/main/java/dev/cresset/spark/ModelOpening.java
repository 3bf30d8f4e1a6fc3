package dev.cresset.spark;

import dev.cresset.Batching;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.WhenFull;
import dev.cresset.mar.ModelArchive;
import dev.cresset.registry.SharedModels;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/** From a source to an open predictor, on whichever machine. Immutable; travels to executors. */
final class ModelOpening<I, O> implements Serializable {
    private static final long serialVersionUID = 1;

    /** A model could not be opened; the message is the reason. */
    static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1;

        Failed(Throwable reason) {
            super(reason.getMessage() == null ? reason.toString() : reason.getMessage(), reason);
        }
    }

    private final ModelSource source;
    private final RowHandler<I, O> handler;
    private final String handlerDigest;
    private final int batchSize;

    ModelOpening(ModelSource source, RowHandler<I, O> handler, int batchSize) {
        this(source, handler, Digest.of(handler), batchSize);
    }

    private ModelOpening(ModelSource source, RowHandler<I, O> handler, String handlerDigest, int batchSize) {
        this.source = source;
        this.handler = handler;
        this.handlerDigest = handlerDigest;
        this.batchSize = batchSize;
    }

    /** The same predictor, asked and read by another handler. */
    ModelOpening<I, O> with(RowHandler<I, O> other) {
        return new ModelOpening<>(source, other, handlerDigest, batchSize);
    }

    RowHandler<I, O> handler() {
        return handler;
    }

    String model() {
        return source.name();
    }

    /** The predictors of this JVM; as many sets as there are class loaders with this class. */
    static final SharedModels<List<Object>, CountedPredictor<?, ?>> PREDICTORS = SharedModels.builder()
            .keepIdle(Duration.ofMinutes(10))
            .keepFailed(Duration.ofSeconds(30)) // the tasks of an executor fail with one reason, not each after a try
            .build();

    /** This JVM's predictor for it, held until the lease is closed. */
    @SuppressWarnings("unchecked") // a key stands for one kind of handler, of one class loader
    SharedModels.Lease<CountedPredictor<I, O>> acquire() throws InterruptedException {
        int threads = TaskProcessors.ofATask();
        int workers = TaskProcessors.tasksAtOnce();
        SessionEnd.watch();
        try {
            return (SharedModels.Lease<CountedPredictor<I, O>>) (SharedModels.Lease<?>)
                    PREDICTORS.acquire(key(), () -> new CountedPredictor<>(open(workers, threads)));
        } catch (ExecutionException e) {
            throw new Failed(e.getCause() == null ? e : e.getCause());
        }
    }

    /**
     * What makes two tasks share: the same model, asked the same way, by classes of the same class loader. A job that is submitted
     * again may bring its classes in a loader of its own, whose objects the other loader's handler does not know.
     */
    private List<Object> key() {
        return List.of(
                source.sha256(),
                handlerDigest,
                Optional.ofNullable(handler.getClass().getClassLoader()),
                batchSize);
    }

    private Predictor<I, O> open(int workers, int threads) throws IOException {
        try (LocalFile file = source.open()) {
            if (!ModelArchive.isArchive(file.path())) {
                return open(Predictor.builder(file.path(), handler.open(Optional.empty())), workers, threads);
            }
            try (ModelArchive archive = ModelArchive.open(file.path())) {
                return open(Predictor.builder(archive, handler.open(Optional.of(archive))), workers, threads);
            }
        }
    }

    private Predictor<I, O> open(Predictor.Builder<I, O> builder, int workers, int threads) throws IOException {
        builder.modelOptions(ModelOptions.builder().intraOpThreads(threads).build())
                .workers(workers)
                .batching(Batching.upTo(batchSize))
                .queue(Math.max(1024, 4 * batchSize), WhenFull.BLOCK);
        handler.configure(builder);
        return builder.open();
    }
}
