package dev.cresset.spring.boot;

import dev.cresset.Predictor;
import dev.cresset.spring.boot.ModelOpeningException.Kind;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;

/**
 * The models of the properties, and their life with the application's: {@link #predictor} makes the beans.
 *
 * <p>They are the first to start and the last to stop. So when they close, the web server has answered its requests, listeners and
 * executors have stopped: what still comes is refused with a {@link dev.cresset.ClosedException}. A context that is stopped to be
 * started again, or paused, keeps them.
 */
final class ConfiguredModels implements SmartLifecycle, DisposableBean, ApplicationListener<ContextClosedEvent> {

    /** Before everything that might ask a model: an application's own parts start at 0 or later. */
    static final int PHASE = Integer.MIN_VALUE + 1024;

    private static final Log LOG = LogFactory.getLog(ConfiguredModels.class);

    private final ApplicationContext context;
    private final ConfigurableListableBeanFactory beans;
    private final Map<String, ConfiguredModel> models = new LinkedHashMap<>();
    private volatile boolean running;
    private volatile boolean closing;

    ConfiguredModels(CressetProperties properties, ApplicationContext context, ConfigurableListableBeanFactory beans) {
        this.context = context;
        this.beans = beans;
        properties.getModels().forEach((name, model) -> {
            String prefix = CressetProperties.MODELS + "." + name;
            String path = model.getPath();
            if (path == null) {
                throw new ModelOpeningException(Kind.LOCATION, prefix + ".path", "it is not set");
            }
            PredictorOpener opener = new PredictorOpener(prefix, model, beans, context);
            models.put(name, new ConfiguredModel(name, path, model.getBootstrapMode(), opener));
        });
    }

    /** Makes the bean of that name: each model's definition names this method. */
    Predictor<?, ?> predictor(String name) {
        return required(name).predictor();
    }

    private ConfiguredModel required(String name) {
        ConfiguredModel model = models.get(name);
        if (model == null) {
            String property = CressetProperties.MODELS + "." + name + ".path";
            throw new ModelOpeningException(
                    Kind.LOCATION, property, "it is not set now, and was when the application was built");
        }
        return model;
    }

    /** Whether the model is a bean: one of the application's own may have its place. */
    static boolean isBean(String name, ConfigurableListableBeanFactory beans) {
        return beans.containsBeanDefinition(name)
                && ModelBeansRegistrar.MODELS.equals(
                        beans.getBeanDefinition(name).getFactoryBeanName());
    }

    Collection<ConfiguredModel> all() {
        return models.values();
    }

    @Override
    public void start() {
        running = true;
        List<ConfiguredModel> deferred = models.values().stream()
                .filter(model -> model.mode() == BootstrapMode.DEFERRED
                        && model.status().state() == ConfiguredModel.State.NOT_OPENED
                        && isBean(model.name(), beans))
                .toList();
        if (!deferred.isEmpty()) {
            deferred.forEach(ConfiguredModel::prepare);
            // One after the other: what is timed while another model is tuned is timed wrongly.
            inBackground("cresset-deferred", () -> deferred.forEach(this::open));
        }
    }

    private void open(ConfiguredModel model) {
        try {
            model.predictor(); // without the locks that Spring holds while it makes a bean
            beans.getBean(model.name());
        } catch (RuntimeException e) {
            if (!closing) {
                LOG.error("The model '" + model.name() + "' could not be opened; health is out of service", e);
            }
        }
    }

    private static void inBackground(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        if (event.getApplicationContext() == context) { // not one of its children
            closing = true;
        }
    }

    @Override
    public void stop() {
        running = false;
        if (closing) {
            all(ConfiguredModel::close);
        }
    }

    /** As {@link #stop()}, but the lifecycle need not wait for longer than it wants to. */
    @Override
    public void stop(Runnable done) {
        inBackground("cresset-close", () -> {
            try {
                stop();
            } finally {
                done.run();
            }
        });
    }

    @Override
    public void destroy() {
        closing = true;
        all(ConfiguredModel::closeUnlessOpening);
    }

    /** All at once, for each may wait for the calls inside it. */
    private void all(Consumer<ConfiguredModel> close) {
        CountDownLatch closed = new CountDownLatch(models.size());
        models.values()
                .forEach(model -> inBackground("cresset-close-" + model.name(), () -> {
                    try {
                        close.accept(model);
                    } finally {
                        closed.countDown();
                    }
                }));
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // they close all the same
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Models take long to open and hold no request up: a context that is paused between tests keeps them. */
    @Override
    public boolean isPauseable() {
        return false;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
