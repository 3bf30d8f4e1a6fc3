package dev.cresset.spring.boot;

import dev.cresset.ClosedException;
import dev.cresset.Predictor;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.registry.ModelVersion;
import dev.cresset.spring.boot.ConfiguredModel.State;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/** All models of an application, those of its own beans, too; looked at, and not made, when somebody asks. */
final class ModelInventory {

    private final ConfiguredModels configured;
    private final ConfigurableListableBeanFactory beans;

    ModelInventory(ConfiguredModels configured, ConfigurableListableBeanFactory beans) {
        this.configured = configured;
        this.beans = beans;
    }

    /**
     * A model, as it is now.
     *
     * @param location where it comes from, if the properties say it
     * @param predictor if it is there
     */
    record Item(
            State state,
            BootstrapMode mode,
            Optional<String> location,
            Optional<String> version,
            Optional<Predictor<?, ?>> predictor,
            Optional<String> failure) {}

    /** By the names of their beans. */
    Map<String, Item> models() {
        Map<String, Item> found = new TreeMap<>();
        for (String name : beans.getBeanNamesForType(Predictor.class, true, false)) {
            existing(name, Predictor.class)
                    .ifPresentOrElse(
                            predictor -> found.put(name, own(State.READY, predictor)),
                            () -> found.put(name, own(State.NOT_OPENED, null)));
        }
        configured.all().stream()
                .filter(model -> ConfiguredModels.isBean(model.name(), beans))
                .forEach(model -> found.put(model.name(), item(model)));
        return found;
    }

    /** By the names of their beans: those that are there. */
    Map<String, ModelRegistry<?, ?>> registries() {
        Map<String, ModelRegistry<?, ?>> found = new TreeMap<>();
        for (String name : beans.getBeanNamesForType(ModelRegistry.class, true, false)) {
            existing(name, ModelRegistry.class).ifPresent(registry -> found.put(name, registry));
        }
        return found;
    }

    /** What a registry has; nothing once it is closed. */
    static List<ModelVersion> versions(ModelRegistry<?, ?> registry) {
        try {
            return registry.models();
        } catch (ClosedException e) {
            return List.of();
        }
    }

    private <T> Optional<T> existing(String name, Class<T> type) {
        return Optional.ofNullable(beans.getSingleton(name))
                .filter(type::isInstance)
                .map(type::cast);
    }

    private static Item own(State state, @Nullable Predictor<?, ?> predictor) {
        BootstrapMode mode = predictor == null ? BootstrapMode.LAZY : BootstrapMode.DEFAULT;
        return new Item(
                state, mode, Optional.empty(), Optional.empty(), Optional.ofNullable(predictor), Optional.empty());
    }

    private static Item item(ConfiguredModel model) {
        ConfiguredModel.Status status = model.status();
        RuntimeException failure = status.failure();
        PredictorOpener.Opened opened = status.opened();
        return new Item(
                status.state(),
                model.mode(),
                Optional.of(model.location()),
                opened == null ? Optional.empty() : opened.version(),
                opened == null ? Optional.empty() : Optional.of(opened.predictor()),
                failure == null ? Optional.empty() : Optional.of(String.valueOf(failure.getMessage())));
    }
}
