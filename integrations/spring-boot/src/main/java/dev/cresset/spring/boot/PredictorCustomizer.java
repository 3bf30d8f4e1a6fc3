package dev.cresset.spring.boot;

import dev.cresset.Predictor;

/**
 * Changes how a predictor is opened, after properties have: executors, contexts, samples with checks. All beans of this type are
 * called, in their order, for each model and for each archive of the registry.
 */
@FunctionalInterface
public interface PredictorCustomizer {

    /**
     * Changes the builder.
     *
     * @param model the model's name in the properties; in the registry, that of its manifest
     */
    void customize(String model, Predictor.Builder<?, ?> predictor);
}
