package dev.cresset.spring.boot;

import dev.cresset.ModelOptions;

/**
 * Changes how a model is opened, after properties have. What only code may say is said here: {@code
 * (model, options) -> options.trusted(model.equals("ours"))}. All beans of this type are called, in their order, for each model and
 * for each archive of the registry.
 */
@FunctionalInterface
public interface ModelOptionsCustomizer {

    /**
     * Changes the options.
     *
     * @param model the model's name in the properties; in the registry, that of its manifest
     */
    void customize(String model, ModelOptions.Builder options);
}
