package dev.cresset;

import dev.cresset.engine.Device;
import dev.cresset.engine.EngineSession;
import dev.cresset.internal.Failures;
import dev.cresset.internal.batching.Batcher;
import dev.cresset.internal.batching.Replica;
import dev.cresset.internal.loading.DeviceSelection;
import dev.cresset.internal.loading.ExportedBatch;
import dev.cresset.internal.requests.BatcherOpening;
import dev.cresset.internal.requests.DefaultWorkers;
import dev.cresset.internal.requests.ItemWriter;
import dev.cresset.internal.requests.Metering;
import dev.cresset.internal.warmup.WarmUp;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Opens a predictor: reads the samples, loads and tunes the model with the first of them, finds the sizes of batches that
 * pay, and has all samples answered.
 */
final class PredictorOpening<I, O> {

    private static final System.Logger LOG = System.getLogger("dev.cresset");

    private final Predictor.Builder<I, O> builder;
    private final Handler<I, O> handler;
    private final ModelOptions options;
    private final Metering metering = new Metering();

    PredictorOpening(Predictor.Builder<I, O> builder) {
        this.builder = builder;
        this.handler = builder.handler;
        this.options = builder.options.withInputs(builder.inputs);
    }

    Predictor<I, O> open() throws IOException {
        WarmUp<I, O> warmUp = new WarmUp<>(builder.source.name(), builder.archiveSamples.read(), builder.samples);
        Optional<I> example = example(warmUp);
        List<Model> replicas = replicas((loaded, borrower) ->
                example.ifPresent(item -> warmUp.of(item, () -> lendArguments(item, loaded, borrower))));
        boolean success = false;
        try {
            Model model = replicas.get(0);
            // A run of a model that keeps a state would be part of the answers after it.
            Optional<I> metBefore = model.isStateful() ? Optional.empty() : example;
            Batcher batcher = metBefore
                    .map(item -> lend(item, model, filling -> batcher(replicas, filling)))
                    .orElseGet(() -> batcher(replicas, null));
            Predictor<I, O> predictor = new Predictor<>(replicas, batcher, metering, builder);
            success = true;
            predictor.answerSamples(warmUp);
            metering.tally().reset(); // samples are nobody's requests
            return predictor;
        } finally {
            if (!success) {
                replicas.forEach(Model::close);
            }
        }
    }

    /** One on each device, the first tuned and the others computed as it is. */
    private List<Model> replicas(Model.Example example) throws IOException {
        List<Device> devices = devices();
        List<Model> replicas = new ArrayList<>();
        boolean success = false;
        try {
            Model first = builder.source.open(options.on(devices.get(0)), example);
            replicas.add(first);
            List<Device> others = devices.subList(1, devices.size());
            if (first.isStateful() && !others.isEmpty()) {
                if (!builder.devices.isEmpty()) {
                    throw new ModelLoadException("cannot open " + first.name() + " on " + devices
                            + ": it keeps a state between calls, which is on one device; name one");
                }
                others = List.of();
            }
            for (Device other : others) {
                replicas.add(builder.source.open(options.on(other).as(first.plan()), example));
            }
            success = true;
            return replicas;
        } finally {
            if (!success) {
                replicas.forEach(Model::close);
            }
        }
    }

    private List<Device> devices() throws IOException {
        int workers = builder.workers;
        if (!builder.devices.isEmpty()) {
            if (workers > 0 && workers < builder.devices.size()) {
                throw new IllegalArgumentException(
                        "workers is " + workers + ", it must be at least " + builder.devices.size()
                                + ": each of the devices " + builder.devices + " has workers of its own");
            }
            return builder.devices;
        }
        if (options.device().isPresent()) {
            return List.of(options.device().get());
        }
        List<Device> wished = builder.source.wishedDevices(options.engine(), workers);
        return wished.isEmpty() ? List.of(Device.cpu()) : wished;
    }

    /** A model as the replica that a batcher runs batches on. */
    private record ModelReplica(Model model) implements Replica {

        @Override
        public EngineSession prepare(List<Value> arguments) {
            return model.session("forward", arguments, List.of());
        }

        @Override
        public Tensor allocate(DataType type, long... shape) {
            return computesBeside() ? model.hostTensor(type, shape) : Tensor.allocate(type, shape);
        }

        @Override
        public int warmUpRuns() {
            return model.warmUpRuns();
        }

        @Override
        public boolean computesBeside() {
            return !model.device().isCpu();
        }
    }

    /** The item to tune with: what the caller gave, the first sample, or the handler's own. */
    private Optional<I> example(WarmUp<I, O> warmUp) {
        Envelope<I, O> envelope = builder.envelope;
        Optional<I> given = envelope == null
                ? builder.example
                : builder.example.map(request -> envelope.open(request).items().get(0));
        return given.or(() -> warmUp.item(envelope)).or(handler::example);
    }

    private Model lendArguments(I item, Model model, Consumer<List<Value>> borrower) {
        return lend(item, model, filling -> {
            borrower.accept(filling.arguments(handler.isBatched()));
            return model;
        });
    }

    private Batcher batcher(List<Model> models, @Nullable ItemWriter example) {
        Model model = models.get(0);
        boolean alone = model.isStateful() || !handler.isBatched();
        Batching asked = builder.batching;
        Batching wanted = asked != null ? asked : builder.source.batching();
        if (model.isStateful() && (builder.workers > 1 || wanted.maxSize() > 1)) {
            LOG.log(
                    System.Logger.Level.INFO,
                    () -> model.name()
                            + " keeps a state between calls: it has one worker, and its requests are run one by one");
        }
        if (!alone) {
            ExportedBatch.requireUpTo(wanted.maxSize(), model.name(), model.parameters());
        }
        List<Replica> replicas = models.stream().<Replica>map(ModelReplica::new).toList();
        return new BatcherOpening(
                        model.name(),
                        replicas,
                        () -> models.forEach(Model::close),
                        handler.isBatched(),
                        alone ? Batching.none() : wanted,
                        options.tuningBudget(),
                        runTime(model))
                .open(
                        workers(model, replicas),
                        builder.queue,
                        builder.queueMemory,
                        builder.completeOn,
                        metering,
                        example);
    }

    /** What a run of the example takes, if it was timed when the model was tuned. */
    private Optional<Duration> runTime(Model model) {
        if (!options.exampleInputs().isEmpty() || !options.inputs().isEmpty()) {
            return Optional.empty(); // tuned with those
        }
        Plan plan = model.plan();
        return plan.candidates().stream()
                .filter(way -> way.optimization() == plan.optimization())
                .findFirst()
                .flatMap(Plan.Candidate::time);
    }

    private int workers(Model model, List<Replica> replicas) {
        if (model.isStateful()) {
            return 1;
        } else if (builder.workers > 0) {
            return builder.workers;
        } else if (replicas.stream().anyMatch(Replica::computesBeside)) {
            return DefaultWorkers.onDevices(replicas.size());
        }
        // Calls that share the processors take one each when there are many.
        return DefaultWorkers.byDefault(model.sharesProcessors() ? 1 : options.intraOpThreads());
    }

    private <R> R lend(I request, Model model, Function<ItemWriter, R> borrower) {
        ItemWriter filling = new ItemWriter(model.parameters(), null);
        try {
            preprocess(request, model, filling);
            return borrower.apply(filling);
        } catch (OutOfMemoryError e) {
            throw Failures.ofMemory(model.name(), e);
        } finally {
            filling.close();
            filling.giveUp();
        }
    }

    private void preprocess(I request, Model model, ItemWriter filling) {
        try {
            handler.preprocess(request, filling);
        } catch (Exception e) {
            throw Failures.ofHandler(model.name(), handler, "preprocess", e);
        }
    }

    /** What a predictor's model is opened from: an archive, or a model's file alone. */
    interface Source {

        /** As messages call it. */
        String name();

        Model open(ModelOptions options, Model.Example example) throws IOException;

        /** How requests go together unless the caller says otherwise. */
        Batching batching();

        /** Where the model's settings wish to be computed; empty if they do not say. For so many workers, 0 for as many as are wished for. */
        List<Device> wishedDevices(Optional<String> engine, int workers) throws IOException;

        static Source of(ModelArchive archive) {
            return new Source() {
                @Override
                public String name() {
                    return archive.name();
                }

                @Override
                public Model open(ModelOptions options, Model.Example example) throws IOException {
                    return Model.open(archive, options, example);
                }

                @Override
                public Batching batching() {
                    try {
                        return Batching.of(archive.config());
                    } catch (IllegalArgumentException e) {
                        throw new ModelLoadException(
                                name() + ": its settings' batchSize or maxBatchDelay: " + e.getMessage(), e);
                    }
                }

                @Override
                public List<Device> wishedDevices(Optional<String> engine, int workers) throws IOException {
                    int most = workers > 0
                            ? workers
                            : archive.config().minWorkers().orElse(Integer.MAX_VALUE);
                    return DeviceSelection.of(archive, engine, most);
                }
            };
        }

        static Source of(Path pt) {
            return new Source() {
                @Override
                public String name() {
                    return String.valueOf(pt.getFileName());
                }

                @Override
                public Model open(ModelOptions options, Model.Example example) throws IOException {
                    return Model.open(pt, options, example);
                }

                @Override
                public Batching batching() {
                    return Batching.none();
                }

                @Override
                public List<Device> wishedDevices(Optional<String> engine, int workers) {
                    return List.of();
                }
            };
        }
    }
}
