package dev.cresset.flink;

import dev.cresset.Outcome;
import dev.cresset.Predictor;
import dev.cresset.PredictorMetrics;
import dev.cresset.registry.Prediction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A model that stays what it is. */
record SinglePredictor<I, O>(Predictor<I, O> predictor, String name, String version) implements OpenModel<I, O> {

    private static final long REVISION = 1;

    private Prediction<O> prediction(O answer) {
        return new Prediction<>(answer, name, version, REVISION);
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // what is returned can be cancelled, which what follows it cannot be
    public CompletableFuture<?> ask(
            I request, @Nullable Duration within, BiConsumer<@Nullable Prediction<O>, @Nullable Throwable> to) {
        CompletableFuture<O> asked =
                within == null ? predictor.predictAsync(request) : predictor.predictAsync(request, within);
        asked.whenComplete((answer, failure) -> to.accept(failure == null ? prediction(answer) : null, failure));
        return asked;
    }

    @Override
    public List<Outcome<Prediction<O>>> askEach(List<I> requests, @Nullable Duration within) {
        List<Outcome<O>> outcomes =
                within == null ? predictor.predictEach(requests) : predictor.predictEach(requests, within);
        List<Outcome<Prediction<O>>> found = new ArrayList<>(outcomes.size());
        for (Outcome<O> one : outcomes) {
            found.add(one.failure()
                    .<Outcome<Prediction<O>>>map(Outcome::failed)
                    .orElseGet(() -> Outcome.answered(prediction(one.answer()))));
        }
        return found;
    }

    @Override
    public PredictorMetrics metrics() {
        return predictor.metrics();
    }

    @Override
    public void close() {
        predictor.close();
    }
}
