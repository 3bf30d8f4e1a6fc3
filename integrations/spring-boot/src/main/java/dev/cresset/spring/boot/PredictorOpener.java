package dev.cresset.spring.boot;

import dev.cresset.Batching;
import dev.cresset.Handler;
import dev.cresset.ModelLoadException;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.engine.Device;
import dev.cresset.mar.ModelArchive;
import dev.cresset.spring.boot.ModelOpeningException.Kind;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.ResolvableType;
import org.springframework.core.io.ResourceLoader;

/** Opens predictors as properties, and then the application's customizers, say. */
final class PredictorOpener implements ConfiguredModel.Opener {

    private final String prefix;
    private final PredictorProperties properties;
    private final ConfigurableListableBeanFactory beans;
    private final ResourceLoader resources;

    /** For the properties under a prefix, such as {@code cresset.models.risk}. */
    PredictorOpener(
            String prefix,
            PredictorProperties properties,
            ConfigurableListableBeanFactory beans,
            ResourceLoader resources) {
        this.prefix = prefix;
        this.properties = properties;
        this.beans = beans;
        this.resources = resources;
    }

    /** What is opened: a predictor, and the version that its archive says, if it is of one that says it. */
    record Opened(Predictor<?, ?> predictor, Optional<String> version) {}

    @Override
    public void prepare() {
        customizers(ModelOptionsCustomizer.class);
        customizers(PredictorCustomizer.class);
        String name = properties.getHandler();
        if (name != null && beans.containsBean(name)) {
            beans.getBean(name);
        }
    }

    @Override
    public Opened open(String model, String location) {
        try {
            return new ModelLocation(prefix + ".path", location, resources).use(file -> open(model, file));
        } catch (IOException | RuntimeException e) {
            throw ModelOpeningException.of(prefix, e);
        }
    }

    private Opened open(String model, Path file) throws IOException {
        if (!ModelArchive.isArchive(file)) {
            return new Opened(openFile(model, file), Optional.empty());
        }
        try (ModelArchive archive = ModelArchive.open(file)) {
            String version = archive.manifest().model().modelVersion();
            return new Opened(open(model, archive), Optional.of(version));
        }
    }

    private Predictor<?, ?> openFile(String model, Path file) throws IOException {
        HandlerReference reference = handler()
                .orElseThrow(() -> new ModelOpeningException(
                        Kind.HANDLER,
                        prefix + ".handler",
                        file.getFileName() + " is a model alone, without an archive that would name its handler"));
        return open(model, Predictor.builder(file, made(reference, null)), request(reference));
    }

    Predictor<?, ?> open(String model, ModelArchive archive) throws IOException {
        Optional<HandlerReference> reference = handler();
        if (reference.isEmpty()) {
            return open(model, withOwnHandler(archive), byte[].class);
        }
        Handler<?, ?> handler = made(reference.get(), archive);
        return open(model, Predictor.builder(archive, handler), request(reference.get()));
    }

    private Predictor.Builder<byte[], String> withOwnHandler(ModelArchive archive) throws IOException {
        try {
            return Predictor.builder(archive);
        } catch (ModelLoadException e) {
            throw new ModelOpeningException(Kind.HANDLER, prefix + ".handler", String.valueOf(e.getMessage()), e);
        }
    }

    private Optional<HandlerReference> handler() {
        String name = properties.getHandler();
        if (name == null) {
            return Optional.empty();
        }
        String property = prefix + ".handler";
        return Optional.of(HandlerReference.find(name, columns(properties), beans)
                .orElseThrow(() -> HandlerReference.unknown(property, name, beans)));
    }

    private Handler<?, ?> made(HandlerReference reference, @Nullable ModelArchive archive) throws IOException {
        try {
            return reference.source().open(archive);
        } catch (RuntimeException e) {
            String reason = e.getMessage() == null ? e.toString() : e.getMessage();
            throw new ModelOpeningException(Kind.HANDLER, prefix + ".handler", reason, e);
        }
    }

    private static @Nullable Class<?> request(HandlerReference reference) {
        return reference.of(Predictor.class).getGeneric(0).resolve();
    }

    /** How long a row is, where there is one input and it is rows of so many numbers. */
    static Optional<Integer> columns(PredictorProperties properties) {
        List<PredictorProperties.Input> inputs = properties.getInputs();
        if (inputs.size() != 1 || inputs.get(0).getType() != DataType.FLOAT32) {
            return Optional.empty();
        }
        List<Long> shape = inputs.get(0).getShape();
        boolean isRow = shape.size() == 2 && shape.get(1) > 0 && shape.get(1) <= Integer.MAX_VALUE;
        return isRow ? Optional.of(shape.get(1).intValue()) : Optional.empty();
    }

    private <I, O> Predictor<I, O> open(String model, Predictor.Builder<I, O> builder, @Nullable Class<?> request)
            throws IOException {
        configure(builder, options(model));
        samples(builder, request);
        customizers(PredictorCustomizer.class).forEach(customizer -> customizer.customize(model, builder));
        return builder.open();
    }

    private <T> List<T> customizers(Class<T> type) {
        ObjectProvider<T> found = beans.getBeanProvider(type);
        return found.orderedStream().toList();
    }

    private ModelOptions options(String model) {
        ModelOptions.Builder options = ModelOptions.builder();
        set("engine", properties.getEngine(), options::engine);
        set("optimization", properties.getOptimization(), options::optimization);
        set("precision", properties.getPrecision(), options::precision);
        set("max-deviation", properties.getMaxDeviation(), options::maxDeviation);
        set("tuning-budget", properties.getTuningBudget(), options::tuningBudget);
        set("first-call-tuning", properties.getFirstCallTuning(), options::firstCallTuning);
        set("intra-op-threads", properties.getIntraOpThreads(), options::intraOpThreads);
        customizers(ModelOptionsCustomizer.class).forEach(customizer -> customizer.customize(model, options));
        return options.build();
    }

    private void configure(Predictor.Builder<?, ?> builder, ModelOptions options) {
        builder.modelOptions(options);
        if (!properties.getDevices().isEmpty()) {
            set("devices", properties.getDevices(), names -> builder.devices(devices(names)));
        }
        set("workers", properties.getWorkers(), builder::workers);
        set("deadline", properties.getDeadline(), builder::deadline);
        set("batching.max-size", properties.getBatching().getMaxSize(), size -> builder.batching(batching(size)));
        set("batching.max-delay", properties.getBatching().getMaxDelay(), this::requireSize);
        PredictorProperties.Queue queue = properties.getQueue();
        set("queue.capacity", queue.getCapacity(), capacity -> builder.queue(capacity, queue.getWhenFull()));
        set("queue.memory", queue.getMemory(), memory -> builder.queueMemory(memory.toBytes()));
        set("inputs", properties.getInputs(), inputs -> builder.inputs(specs(inputs)));
        if (!properties.getWarmUp().isArchiveSamples()) {
            builder.withoutArchiveSamples();
        }
    }

    private static Device[] devices(List<String> names) {
        return names.stream().map(Device::parse).toArray(Device[]::new);
    }

    private Batching batching(int maxSize) {
        Duration delay = properties.getBatching().getMaxDelay();
        return delay.isZero() ? Batching.upTo(maxSize) : Batching.upTo(maxSize).within(delay);
    }

    private void requireSize(Duration delay) {
        if (!delay.isZero() && properties.getBatching().getMaxSize() == null) {
            throw new IllegalArgumentException(
                    "it is set, but not max-size: nothing says how many requests may go together");
        }
    }

    private static TensorSpec[] specs(List<PredictorProperties.Input> inputs) {
        return inputs.stream()
                .map(input -> TensorSpec.of(
                        input.getType(),
                        input.getShape().stream().mapToLong(Long::longValue).toArray()))
                .toArray(TensorSpec[]::new);
    }

    private <I> void samples(Predictor.Builder<I, ?> builder, @Nullable Class<?> request) throws IOException {
        String property = prefix + ".warm-up.samples";
        for (String sample : properties.getWarmUp().getSamples()) {
            byte[] bytes = new ModelLocation(property, sample, resources).bytes();
            @SuppressWarnings("unchecked") // of the class that the handler's declared type has
            I typed = (I) sample(property, bytes, request);
            builder.warmUp(typed);
        }
    }

    private static Object sample(String property, byte[] bytes, @Nullable Class<?> request) {
        if (request == byte[].class) {
            return bytes;
        }
        if (request == String.class) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
        throw new ModelOpeningException(
                Kind.SETTING,
                property,
                "a file is a sample of requests that are byte[] or String, and this handler takes "
                        + (request == null ? "something unknown" : ResolvableType.forClass(request)));
    }

    /** Sets what is set; what is refused is said of its property. */
    private <T> void set(String property, @Nullable T value, Consumer<T> option) {
        if (value == null) {
            return;
        }
        try {
            option.accept(value);
        } catch (IllegalArgumentException e) {
            throw new ModelOpeningException(Kind.SETTING, prefix + "." + property, String.valueOf(e.getMessage()), e);
        }
    }
}
