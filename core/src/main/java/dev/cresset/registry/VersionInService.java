package dev.cresset.registry;

import dev.cresset.Predictor;
import dev.cresset.PredictorMetrics;
import dev.cresset.internal.Leases;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A version of a model in service: its predictor, and the count of the requests that were sent to it.
 *
 * <p>A request enters before it calls the predictor, and leaves with the answer. So the predictor can be closed when the last
 * has left: no request is refused because it was looked up just before. Leaving never closes, for it may happen on a thread of the
 * predictor's own, which the predictor's close waits for.
 *
 * <p>Instances are safe for use by several threads.
 */
final class VersionInService<I, O> {

    private final String model;
    private final String version;
    private final long revision;
    private final Path archive;
    private final Instant since = Instant.now();
    private final Predictor<I, O> predictor;
    private final Leases requests = new Leases(() -> {});

    VersionInService(String model, String version, long revision, Path archive, Predictor<I, O> predictor) {
        this.model = model;
        this.version = version;
        this.revision = revision;
        this.archive = archive;
        this.predictor = predictor;
    }

    String model() {
        return model;
    }

    String version() {
        return version;
    }

    /** Enters for one request; false once refused. */
    boolean enter() {
        return requests.enter();
    }

    /** Looks at its predictor, having entered; leaves. */
    PredictorMetrics metrics() {
        try {
            return predictor.metrics();
        } finally {
            requests.leave();
        }
    }

    /** Answers, having entered; leaves. */
    Prediction<O> predict(I request) {
        try {
            return prediction(predictor.predict(request));
        } finally {
            requests.leave();
        }
    }

    /** Answers in time, having entered; leaves. */
    Prediction<O> predict(I request, Duration deadline) {
        try {
            return prediction(predictor.predict(request, deadline));
        } finally {
            requests.leave();
        }
    }

    /** Answers later, having entered; leaves just before the future completes. */
    CompletableFuture<Prediction<O>> predictAsync(Function<Predictor<I, O>, CompletableFuture<O>> ask) {
        CompletableFuture<O> answer;
        boolean success = false;
        try {
            answer = ask.apply(predictor);
            success = true;
        } finally {
            if (!success) {
                requests.leave();
            }
        }
        return new Later<>(this, answer);
    }

    private Prediction<O> prediction(O value) {
        return new Prediction<>(value, model, version, revision);
    }

    /** The predictor's future with the version's name to its answer. To cancel it cancels the predictor's. */
    private static final class Later<O> extends CompletableFuture<Prediction<O>> {
        private final CompletableFuture<O> answer;

        Later(VersionInService<?, O> live, CompletableFuture<O> answer) {
            this.answer = answer;
            CompletableFuture<O> unused = answer.whenComplete((value, failure) -> {
                // First: a caller may unregister the model when it has the answer, which waits for those inside.
                live.requests.leave();
                if (failure == null) {
                    complete(live.prediction(value));
                } else {
                    completeExceptionally(failure);
                }
            });
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            answer.cancel(mayInterruptIfRunning);
            return super.cancel(mayInterruptIfRunning);
        }
    }

    /** Refuses requests from now on. */
    void refuse() {
        requests.close();
    }

    /** Waits until the last request has left; false if it has not, after so long or an interrupt, which stays set. */
    boolean awaitEmpty(Duration longest) {
        return awaitEmpty(() -> requests.await(longest));
    }

    /** The same, for a thread that nobody waits for. */
    boolean awaitEmptyOnDaemon(Duration longest) {
        return awaitEmpty(() -> requests.awaitOnDaemon(longest));
    }

    private interface Wait {
        boolean isOver() throws InterruptedException;
    }

    private boolean awaitEmpty(Wait wait) {
        try {
            return wait.isOver();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return requests.isFreed();
        }
    }

    /** Frees the model. */
    void close() {
        refuse();
        predictor.close();
    }

    ModelVersion describe(boolean isDefault, double share) {
        return new ModelVersion(model, version, revision, isDefault, share, archive, since, predictor.plan());
    }

    @Override
    public String toString() {
        return "version " + version + " of model " + model;
    }
}
