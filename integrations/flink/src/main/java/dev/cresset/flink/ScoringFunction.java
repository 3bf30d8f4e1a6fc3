package dev.cresset.flink;

import dev.cresset.registry.Prediction;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.jspecify.annotations.Nullable;

/**
 * Scores records that are in flight. The task's thread asks the model, and makes results of what it answers; a thread of the model's
 * does no more than to hand the answer over. What Flink gives up is cancelled, and so is what is in flight when the task ends.
 */
final class ScoringFunction<I, O, T, R, E> extends RichAsyncFunction<T, E> implements ResultTypeQueryable<E> {

    private static final long serialVersionUID = 1L;

    private final Definition<I, O, T, R> definition;
    private final Emission<T, R, E> emission;
    private final TypeInformation<E> emitted;

    private transient @Nullable RuntimeContext task;

    private transient @Nullable Scorer<I, O, T, R, E> scorer;

    /** By the future that Flink gave for it. Added to by the task's thread, taken from by those of the model, too. */
    private transient @Nullable Map<ResultFuture<E>, CompletableFuture<?>> inFlight;

    ScoringFunction(Definition<I, O, T, R> definition, Emission<T, R, E> emission, TypeInformation<E> emitted) {
        this.definition = definition;
        this.emission = emission;
        this.emitted = emitted;
    }

    @Override
    public TypeInformation<E> getProducedType() {
        return emitted;
    }

    /**
     * Keeps what Flink gives. The base class shows a part of it, for the rest is not for other threads; and the distributed cache is in
     * the rest, which {@link #open} asks on the task's own.
     */
    @Override
    public void setRuntimeContext(RuntimeContext context) {
        super.setRuntimeContext(context);
        task = context;
    }

    @Override
    public void open(OpenContext context) throws Exception {
        Map<ResultFuture<E>, CompletableFuture<?>> requests = new ConcurrentHashMap<>();
        inFlight = requests;
        scorer = Scorer.open(definition, emission, Objects.requireNonNull(task), requests::size);
    }

    @Override
    public void asyncInvoke(T record, ResultFuture<E> result) {
        Scorer<I, O, T, R, E> opened = Objects.requireNonNull(scorer, "not open");
        Map<ResultFuture<E>, CompletableFuture<?>> requests = Objects.requireNonNull(inFlight);
        I request;
        try {
            request = opened.request(record);
        } catch (RuntimeException e) {
            result.complete(() -> emitted(opened.failed(record, e)));
            return;
        }
        CompletableFuture<?> asked = opened.model().ask(request, definition.timeout(), (prediction, failure) -> {
            requests.remove(result);
            answered(opened, record, result, prediction, failure);
        });
        requests.put(result, asked);
        if (asked.isDone()) { // and so it may have been looked for before it was put there
            requests.remove(result);
        }
    }

    private void answered(
            Scorer<I, O, T, R, E> opened,
            T record,
            ResultFuture<E> result,
            @Nullable Prediction<O> prediction,
            @Nullable Throwable failure) {
        if (prediction != null) {
            result.complete(() -> emitted(opened.answered(record, prediction)));
        } else if (failure instanceof CancellationException) {
            // By timeout or close, which know what becomes of the record; or the task's thread was interrupted, which
            // ends it.
        } else {
            result.complete(() -> emitted(opened.failed(record, Objects.requireNonNull(failure))));
        }
    }

    private static <E> Collection<E> emitted(Optional<E> result) {
        return result.<Collection<E>>map(Collections::singletonList).orElse(List.of());
    }

    @Override
    public void timeout(T record, ResultFuture<E> result) {
        Scorer<I, O, T, R, E> opened = Objects.requireNonNull(scorer, "not open");
        CompletableFuture<?> asked = Objects.requireNonNull(inFlight).remove(result);
        if (asked == null || !asked.cancel(false)) {
            return; // it was answered at the last moment, and the answer is on its way
        }
        result.complete(() -> emitted(opened.failed(record, opened.late())));
    }

    @Override
    public void close() {
        Map<ResultFuture<E>, CompletableFuture<?>> requests = inFlight;
        if (requests != null) {
            requests.values().forEach(asked -> asked.cancel(false));
        }
        Scorer<I, O, T, R, E> opened = scorer;
        if (opened != null) {
            opened.close();
        }
    }
}
