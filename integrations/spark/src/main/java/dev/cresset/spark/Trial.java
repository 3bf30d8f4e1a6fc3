package dev.cresset.spark;

import dev.cresset.Predictor;
import dev.cresset.registry.SharedModels;
import java.util.concurrent.CancellationException;
import java.util.function.Function;

/** The driver's look at a model before a job begins. */
final class Trial {

    private Trial() {}

    static <I, O, T> T of(ModelOpening<I, O> opening, Function<Predictor<I, O>, T> question) {
        try (SharedModels.Lease<CountedPredictor<I, O>> lease = opening.acquire()) {
            return question.apply(lease.model().predictor());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while " + opening.model() + " was opened");
        }
    }
}
