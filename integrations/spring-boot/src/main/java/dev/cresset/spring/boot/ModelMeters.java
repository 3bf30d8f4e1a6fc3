package dev.cresset.spring.boot;

import dev.cresset.Predictor;
import dev.cresset.micrometer.PredictorMeters;
import dev.cresset.micrometer.RegistryMeters;
import dev.cresset.registry.ModelRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.DestructionAwareBeanPostProcessor;

/**
 * Meters for each bean that is a predictor or a registry of models, whoever made it, from its making to its end.
 *
 * <p>Beans that are made while the application starts wait until all are there: asking for the meter registry in the middle would make
 * beans in an order that is not theirs.
 */
final class ModelMeters implements DestructionAwareBeanPostProcessor, SmartInitializingSingleton {

    private static final Log LOG = LogFactory.getLog(ModelMeters.class);

    private final ObjectProvider<MeterRegistry> meters;
    private final Map<Object, AutoCloseable> bound = new HashMap<>(); // guarded by this
    private @Nullable List<Runnable> waiting = new ArrayList<>(); // guarded by this; null once all are there

    ModelMeters(ObjectProvider<MeterRegistry> meters) {
        this.meters = meters;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof Predictor<?, ?> predictor) {
            later(() -> bind(predictor, name));
        } else if (bean instanceof ModelRegistry<?, ?> models) {
            later(() -> bind(models));
        }
        return bean;
    }

    private void later(Runnable binding) {
        synchronized (this) {
            if (waiting != null) {
                waiting.add(binding);
                return;
            }
        }
        binding.run();
    }

    @Override
    public void afterSingletonsInstantiated() {
        List<Runnable> bindings;
        synchronized (this) {
            bindings = waiting == null ? List.of() : waiting;
            waiting = null;
        }
        bindings.forEach(Runnable::run);
    }

    private void bind(Predictor<?, ?> predictor, String name) {
        meters.ifAvailable(registry -> {
            PredictorMeters made = new PredictorMeters(predictor::metrics, name);
            made.bindTo(registry);
            keep(predictor, made);
        });
    }

    private void bind(ModelRegistry<?, ?> models) {
        meters.ifAvailable(registry -> keep(models, RegistryMeters.bind(models, registry)));
    }

    private synchronized void keep(Object bean, AutoCloseable made) {
        bound.put(bean, made);
    }

    @Override
    public boolean requiresDestruction(Object bean) {
        return bean instanceof Predictor || bean instanceof ModelRegistry;
    }

    @Override
    public void postProcessBeforeDestruction(Object bean, String name) {
        AutoCloseable made;
        synchronized (this) {
            made = bound.remove(bean);
        }
        try {
            if (made != null) {
                made.close();
            }
        } catch (Exception e) {
            LOG.warn("The meters of '" + name + "' could not be closed", e);
        }
    }
}
