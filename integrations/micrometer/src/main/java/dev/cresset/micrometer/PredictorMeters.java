package dev.cresset.micrometer;

import dev.cresset.PredictorMetrics;
import dev.cresset.engine.Device;
import dev.cresset.engine.DeviceReport;
import dev.cresset.engine.GraphReport;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The metrics of a predictor as meters, each tagged {@code model}:
 *
 * <pre>{@code
 * PredictorMeters meters = new PredictorMeters(predictor::metrics, "fraud");
 * meters.bindTo(registry);
 * }</pre>
 *
 * <p>The predictor counts from then on, and is kept reachable by the registry: close the meters with it, which takes them out of
 * all registries again. A registry of Micrometer's ignores meters whose name and tags it has already: close those before. For a
 * {@link dev.cresset.registry.ModelRegistry} there are {@link RegistryMeters}. Meters that are read together share one look at
 * the predictor, for a tenth of a second. Percentiles are over the last minute or two, or since they were read before if that
 * is longer ago.
 *
 * <p>Safe for use by several threads.
 */
public final class PredictorMeters implements MeterBinder, AutoCloseable {

    private static final List<Double> PERCENTILES = List.of(50.0, 90.0, 99.0, 99.9);

    private final Looks looks;
    private final Tags tags;
    private final List<Bound> bound = new CopyOnWriteArrayList<>();

    private record Bound(MeterRegistry registry, Meter meter) {}

    /** Meters of what the supplier returns, for a model of this name. */
    public PredictorMeters(Supplier<PredictorMetrics> metrics, String model) {
        this(metrics, List.of(Tag.of("model", model)));
    }

    /** Meters of what the supplier returns, with tags of the caller's. */
    public PredictorMeters(Supplier<PredictorMetrics> metrics, Iterable<Tag> tags) {
        this.looks = new Looks(metrics, System::nanoTime);
        this.tags = Tags.of(tags);
        looks.get(); // times are measured from the first look on
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        requests(registry, "answered", PredictorMetrics::answered);
        requests(registry, "invalid_input", PredictorMetrics::invalidInputs);
        requests(registry, "execution_failure", PredictorMetrics::executionFailures);
        requests(registry, "out_of_native_memory", PredictorMetrics::outOfNativeMemory);
        requests(registry, "other_failure", PredictorMetrics::otherFailures);
        requests(registry, "rejected", PredictorMetrics::rejected);
        requests(registry, "expired", PredictorMetrics::expired);
        requests(registry, "cancelled", PredictorMetrics::cancelled);

        stage(registry, "total", PredictorMetrics::total);
        stage(registry, "preprocess", PredictorMetrics::preprocess);
        stage(registry, "queue", PredictorMetrics::queue);
        stage(registry, "native", PredictorMetrics::nativeCall);
        stage(registry, "device", PredictorMetrics::device);
        stage(registry, "postprocess", PredictorMetrics::postprocess);

        counter(registry, "cresset.batches", "Native calls", tags, PredictorMetrics::batches);
        counter(registry, "cresset.rows", "Rows that requests asked for", tags, PredictorMetrics::rows);
        counter(registry, "cresset.padding.rows", "Rows computed beside those", tags, PredictorMetrics::paddingRows);

        gauge(registry, "cresset.waiting", "Requests that wait", BaseUnits.TASKS, PredictorMetrics::waiting);
        gauge(registry, "cresset.running", "Native calls that run", BaseUnits.TASKS, PredictorMetrics::running);
        gauge(
                registry,
                "cresset.native.memory",
                "Tensors outside the heap, of the whole process",
                BaseUnits.BYTES,
                PredictorMetrics::nativeBytes);

        devices(registry);
    }

    /** Of each device beside the CPU that the predictor has now. */
    private void devices(MeterRegistry registry) {
        for (DeviceReport seen : looks.get().devices()) {
            Device device = seen.device();
            if (device.isCpu()) {
                continue;
            }
            memory(registry, "total", device, DeviceReport::totalBytes);
            memory(registry, "free", device, DeviceReport::freeBytes);
            memory(registry, "used", device, DeviceReport::usedBytes);
            memory(registry, "peak", device, DeviceReport::peakBytes);
            Tags tagged = tags.and("device", device.toString());
            gauge(
                    registry,
                    "cresset.device.graphs",
                    "Prepared calls that are CUDA graphs",
                    BaseUnits.OPERATIONS,
                    tagged,
                    it -> on(device, it, PredictorMetrics::graphs, GraphReport::recorded));
            gauge(
                    registry,
                    "cresset.device.graphs.memory",
                    "Memory of a device that CUDA graphs hold",
                    BaseUnits.BYTES,
                    tagged,
                    it -> on(device, it, PredictorMetrics::graphs, GraphReport::bytes));
        }
    }

    private void memory(MeterRegistry registry, String kind, Device device, ToLongFunction<DeviceReport> bytes) {
        gauge(
                registry,
                "cresset.device.memory",
                "Memory of a device",
                BaseUnits.BYTES,
                tags.and("device", device.toString(), "kind", kind),
                it -> on(device, it, PredictorMetrics::devices, bytes));
    }

    /** Zero where the predictor that serves by now is elsewhere. */
    private static <T> long on(
            Device device,
            PredictorMetrics metrics,
            Function<PredictorMetrics, List<T>> each,
            ToLongFunction<T> number) {
        List<DeviceReport> devices = metrics.devices();
        for (int i = 0; i < devices.size(); i++) {
            if (devices.get(i).device().equals(device)) {
                return number.applyAsLong(each.apply(metrics).get(i));
            }
        }
        return 0;
    }

    private void requests(MeterRegistry registry, String outcome, ToLongFunction<PredictorMetrics> count) {
        counter(registry, "cresset.requests", "Requests, by how they ended", tags.and("outcome", outcome), count);
    }

    private void counter(
            MeterRegistry registry,
            String name,
            String description,
            Tags tagged,
            ToLongFunction<PredictorMetrics> count) {
        bound(
                registry,
                FunctionCounter.builder(name, looks, it -> count.applyAsLong(it.get()))
                        .description(description)
                        .tags(tagged)
                        .register(registry));
    }

    private void gauge(
            MeterRegistry registry,
            String name,
            String description,
            String unit,
            ToLongFunction<PredictorMetrics> value) {
        gauge(registry, name, description, unit, tags, value);
    }

    private void gauge(
            MeterRegistry registry,
            String name,
            String description,
            String unit,
            Tags tagged,
            ToLongFunction<PredictorMetrics> value) {
        bound(
                registry,
                Gauge.builder(name, looks, it -> value.applyAsLong(it.get()))
                        .description(description)
                        .baseUnit(unit)
                        .tags(tagged)
                        .strongReference(true)
                        .register(registry));
    }

    private void stage(
            MeterRegistry registry, String stage, Function<PredictorMetrics, PredictorMetrics.Latency> latency) {
        Tags tagged = tags.and("stage", stage);
        bound(
                registry,
                FunctionTimer.builder(
                                "cresset.time",
                                looks,
                                it -> latency.apply(it.get()).count(),
                                it -> latency.apply(it.get()).sum().toNanos(),
                                TimeUnit.NANOSECONDS)
                        .description("Where a request's time goes")
                        .tags(tagged)
                        .register(registry));
        for (double percent : PERCENTILES) {
            bound(
                    registry,
                    TimeGauge.builder(
                                    "cresset.time.percentile",
                                    looks,
                                    TimeUnit.NANOSECONDS,
                                    it -> it.lately(latency).percentile(percent).toNanos())
                            .description("The time that so many of a hundred do not exceed, in the last minute or two")
                            .tags(tagged.and(
                                    "percentile",
                                    percent == Math.rint(percent)
                                            ? Integer.toString((int) percent)
                                            : Double.toString(percent)))
                            .strongReference(true)
                            .register(registry));
        }
    }

    private void bound(MeterRegistry registry, Meter meter) {
        bound.add(new Bound(registry, meter));
    }

    /** Takes the meters out of the registries that they were bound to. Closing again does nothing. */
    @Override
    public void close() {
        bound.forEach(one -> one.registry().remove(one.meter()));
        bound.clear();
    }
}
