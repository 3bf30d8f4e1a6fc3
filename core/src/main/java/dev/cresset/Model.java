package dev.cresset;

import static java.util.Objects.requireNonNull;

import dev.cresset.engine.Device;
import dev.cresset.engine.DeviceReport;
import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.GraphReport;
import dev.cresset.engine.ModelFormat;
import dev.cresset.engine.ModelSource;
import dev.cresset.internal.Failures;
import dev.cresset.internal.Leases;
import dev.cresset.internal.Sha256;
import dev.cresset.internal.calls.ArgumentChecks;
import dev.cresset.internal.calls.PreparedCall;
import dev.cresset.internal.loading.ArchiveOptimization;
import dev.cresset.internal.loading.ArchiveSources;
import dev.cresset.internal.loading.DeviceSelection;
import dev.cresset.internal.loading.EarlyEngine;
import dev.cresset.internal.loading.FallbackModel;
import dev.cresset.internal.loading.LentSource;
import dev.cresset.internal.loading.ModelSources;
import dev.cresset.internal.loading.Opening;
import dev.cresset.internal.metrics.JfrEvents;
import dev.cresset.internal.tuning.Stopwatch;
import dev.cresset.mar.ModelArchive;
import dev.cresset.probe.ModelProbe;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A TorchScript module, or a program of {@code torch.export}, that can be called: values in, values out, with nothing before or after.
 *
 * <p>The module is put in eval mode. Unless it changes its own attributes, it is computed the way that is found the
 * fastest when it is opened ({@link ModelOptions#optimization}); {@link #plan} says which and why. A module that keeps state
 * between calls works as in Python; its calls run one after the other.
 *
 * <p>The user closes it. Close refuses new calls with a {@link ClosedException} and waits for those that run. Results
 * belong to the caller and outlive the model. The archive may be closed as soon as {@code open} has returned.
 *
 * <p>A TorchScript module is a program: open only what you trust, or what a {@link ModelProbe} has tried.
 *
 * <p>Instances are safe for use by several threads: share one.
 */
public final class Model implements AutoCloseable {

    private static final String FORWARD = "forward";
    private static final Example NO_EXAMPLE = (model, borrower) -> {};

    private final String name;
    private final List<TensorSpec> inputs;
    private final Engine engine;
    private final FallbackModel serving;
    private final Signature signature;
    private final Leases leases;
    private final Set<PreparedCall> sessions;

    private Model(String name, List<TensorSpec> inputs, Engine engine, FallbackModel serving) {
        this.engine = engine;
        this.name = name;
        this.inputs = inputs;
        this.serving = serving;
        this.signature = serving.plain().signature();
        Set<PreparedCall> open = ConcurrentHashMap.newKeySet();
        Leases own = new Leases(serving::close);
        this.sessions = open;
        this.leases = own;
        Leases.whenForgotten(this, () -> close(own, open));
    }

    /** Children first: each is inside the model until it is freed. */
    private static void close(Leases leases, Set<PreparedCall> sessions) {
        leases.close();
        List.copyOf(sessions).forEach(PreparedCall::refuse);
    }

    /** Opens the model of an archive. */
    public static Model open(ModelArchive archive) throws IOException {
        return open(archive, ModelOptions.defaults());
    }

    /**
     * Opens the model of an archive.
     *
     * @throws IOException if the archive cannot be read
     * @throws ModelLoadException if it holds no model that the engine can run
     * @throws EngineUnavailableException if there is no engine for this platform
     * @throws DeviceUnavailableException if the options name a device that is not there
     */
    public static Model open(ModelArchive archive, ModelOptions options) throws IOException {
        return open(archive, options, NO_EXAMPLE);
    }

    /** Opens what {@code torch.jit.save} wrote ({@code .pt}) or {@code torch.export.save} ({@code .pt2}), told by its content. */
    public static Model open(Path pt) throws IOException {
        return open(pt, ModelOptions.defaults());
    }

    /**
     * Opens what {@code torch.jit.save} wrote ({@code .pt}) or {@code torch.export.save} ({@code .pt2}), told by its content. The latter
     * says its inputs' types and sizes: calls are held to them, and it is tuned with inputs of the sizes of the example that it was exported
     * with.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws IOException if the file cannot be read
     * @throws ModelLoadException if what is in it is no model that the engine can run
     * @throws EngineUnavailableException if there is no engine for this platform
     */
    public static Model open(Path pt, ModelOptions options) throws IOException {
        return open(pt, options, ofThread(options));
    }

    /** Opens an archive's model with something to tune it with, should the options have nothing. */
    static Model open(ModelArchive archive, ModelOptions options, Example example) throws IOException {
        ModelOptions named = requireNonNull(options, "options")
                .orOptimization(ArchiveOptimization.of(requireNonNull(archive, "archive")));
        ModelOptions all = named.device().isPresent() ? named : named.on(wished(archive, named.engine()));
        ModelFormat format = ArchiveSources.format(archive);
        try (EarlyEngine engine = EarlyEngine.start(all.engine(), format);
                LentSource lent = ArchiveSources.of(archive, format, all.isTrusted())) {
            return load(lent.source(), all, engine.get(), digest(lent, archive::sha256), example, ofThread(all));
        }
    }

    private static Device wished(ModelArchive archive, Optional<String> engine) throws IOException {
        return DeviceSelection.of(archive, engine, /* most= */ 1).stream()
                .findFirst()
                .orElse(Device.cpu());
    }

    /** Makes arguments for {@code forward} and lends them. */
    interface Example {
        void lend(Model model, Consumer<List<Value>> borrower);
    }

    private static Supplier<Stopwatch> ofThread(ModelOptions options) {
        return () -> Stopwatch.ofThread(/* runsAlone= */ options.intraOpThreads() == 1);
    }

    /** Opens a TorchScript file with something to tune it with, should the options have nothing. */
    static Model open(Path pt, ModelOptions options, Example example) throws IOException {
        return open(pt, options, example, ofThread(options));
    }

    /** With a stopwatch of one's own. */
    static Model open(Path pt, ModelOptions options, Supplier<Stopwatch> stopwatch) throws IOException {
        return open(pt, options, NO_EXAMPLE, stopwatch);
    }

    private static Model open(Path pt, ModelOptions options, Example example, Supplier<Stopwatch> stopwatch)
            throws IOException {
        requireNonNull(options, "options");
        ModelFormat format = ModelSources.format(requireNonNull(pt, "pt"));
        try (EarlyEngine engine = EarlyEngine.start(options.engine(), format);
                LentSource lent = ModelSources.of(pt, format, options.isTrusted())) {
            Opening.Digest digest = digest(lent, () -> Sha256.ofFile(pt));
            return load(lent.source(), options, engine.get(), digest, example, stopwatch);
        }
    }

    private static Opening.Digest digest(LentSource lent, Opening.Digest ofAllBytes) {
        return lent.fingerprint().<Opening.Digest>map(found -> () -> found).orElse(ofAllBytes);
    }

    private static Model load(
            ModelSource source,
            ModelOptions options,
            Engine engine,
            Opening.Digest digest,
            Example example,
            Supplier<Stopwatch> stopwatch) {
        Object event = JfrEvents.beginModelLoad();
        Opening opening = new Opening(source, options, options.chosenIn(), engine, digest, stopwatch);
        Model model = new Model(source.name(), options.inputs(), engine, opening.serving());
        boolean success = false;
        try {
            if (opening.needsSamples() && !opening.tunedByOptions()) {
                example.lend(model, opening::tune);
                if (!opening.wasTried()) {
                    opening.tunedBySignature();
                }
            }
            opening.settle();
            success = true;
            JfrEvents.endModelLoad(event, model.name(), model.plan());
            return model;
        } finally {
            if (!success) {
                model.close();
            }
        }
    }

    /** What the model is called in messages: its file's name. */
    public String name() {
        return name;
    }

    /** What can be called, as the module declares it. */
    public Signature signature() {
        return signature;
    }

    /** What {@code forward} takes; nothing, if there is none. */
    List<Signature.Parameter> parameters() {
        Signature.Method forward = signature.methods().get(FORWARD);
        return forward == null ? List.of() : forward.parameters();
    }

    /** Whether calls leave the processors to one another. */
    boolean sharesProcessors() {
        return serving.plain().sharesProcessors();
    }

    /** In how many runs a call may still get ready. */
    int warmUpRuns() {
        return serving.warmUpRuns();
    }

    /** Whether the module keeps state between calls, so that their order matters. */
    public boolean isStateful() {
        return serving.plain().isStateful();
    }

    /** Where the model computes. */
    public Device device() {
        return serving.device();
    }

    /** Its device, and the memory there now. */
    DeviceReport deviceReport() {
        Device own = device();
        return own.isCpu()
                ? DeviceReport.ofCpu()
                : engine.device(own).orElseGet(() -> new DeviceReport(own, "out of service", 0, 0, 0, 0));
    }

    /**
     * Which of its prepared calls are CUDA graphs now, of as many as {@link ModelOptions#cudaGraphs} says, and why others are none. Looks anew at
     * every call; of a closed model there are none.
     */
    public GraphReport graphs() {
        if (!leases.enter()) {
            return GraphReport.none();
        }
        try {
            return serving.graphs();
        } finally {
            leases.leave();
        }
    }

    /** Zeroed memory from where the model's device copies fast. */
    Tensor hostTensor(DataType type, long... shape) {
        enter();
        try {
            long bytes = type.bytes();
            for (long size : shape) {
                bytes *= size;
            }
            return bytes == 0 ? Tensor.allocate(type, shape) : Tensor.ofEngine(type, shape, serving.hostMemory(bytes));
        } catch (EngineException e) {
            throw Failures.ofCall(name, FORWARD, List.of(), e);
        } finally {
            leases.leave();
        }
    }

    /** How the model computes, and how that was found. Changes when it is tuned with its first call's inputs, and when a fast way fails. */
    public Plan plan() {
        return serving.plan();
    }

    /** Calls {@code forward}. See {@link #invoke}. */
    public Value forward(Value... arguments) {
        return invoke(FORWARD, arguments);
    }

    /**
     * Calls a method of the module. Arguments are the caller's and may be used again; the result is the caller's to close,
     * and shares no memory with them. Arguments at the end that have a default may be left out.
     *
     * @throws InvalidInputException if there is no such method, or the arguments do not fit it
     * @throws ModelExecutionException if the module fails
     * @throws OutOfNativeMemoryException if there is no memory for it
     * @throws ClosedException if the model is closed
     * @throws IllegalStateException if a tensor among the arguments is closed
     */
    public Value invoke(String method, Value... arguments) {
        requireNonNull(method, "method");
        List<Value> values = nonNull(arguments);
        enter();
        try {
            ArgumentChecks.check(name, ArgumentChecks.method(name, signature, method), specs(method), values);
            List<Memory> held = ArgumentChecks.acquire(values);
            try {
                return serving.invoke(method, values);
            } catch (EngineException e) {
                throw Failures.ofCall(name, method, values, e);
            } finally {
                ArgumentChecks.release(held);
            }
        } finally {
            leases.leave();
        }
    }

    private static List<Value> nonNull(Value... arguments) {
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] == null) {
                throw new NullPointerException("argument " + (i + 1) + " is null; Value.none() is Python's None");
            }
        }
        return List.of(arguments);
    }

    /**
     * Ties {@code forward} to tensors that stay: each run reads the inputs where they are and writes the result into the
     * outputs. The fastest way to call a model whose shapes do not change; nothing is allocated.
     *
     * <pre>{@code
     * try (Tensor row = Tensor.allocate(DataType.FLOAT32, 1, 16);
     *         Tensor scores = Tensor.allocate(DataType.FLOAT32, 1, 4);
     *         BoundCall call = model.bind(List.of(row), List.of(scores))) {
     *     row.asFloatBuffer().put(features);
     *     call.run();
     * }
     * }</pre>
     *
     * @param inputs the arguments
     * @param outputs a tensor for each tensor of the result, in order; its type and shape must be the result's
     * @throws InvalidInputException if the arguments do not fit
     * @throws ClosedException if the model is closed
     */
    public BoundCall bind(List<? extends Value> inputs, List<Tensor> outputs) {
        if (outputs.isEmpty()) {
            throw new IllegalArgumentException("a bound call needs a tensor to write its result into; use forward");
        }
        PreparedCall session = session(FORWARD, List.copyOf(inputs), List.copyOf(outputs));
        return new BoundCall(this, session);
    }

    /** A call that reads its arguments where they are; it keeps the model and the tensors until it is closed. */
    PreparedCall session(String method, List<Value> arguments, List<Tensor> outputs) {
        enter();
        boolean success = false;
        try {
            ArgumentChecks.check(name, ArgumentChecks.method(name, signature, method), specs(method), arguments);
            List<Memory> held = ArgumentChecks.acquire(arguments);
            try {
                held.addAll(ArgumentChecks.acquire(outputs));
                PreparedCall session = new PreparedCall(
                        name, leases, sessions, method, arguments, held, serving.prepare(method, arguments, outputs));
                success = true;
                return added(session);
            } catch (EngineException e) {
                throw Failures.ofCall(name, method, arguments, e);
            } finally {
                if (!success) {
                    ArgumentChecks.release(held);
                }
            }
        } finally {
            if (!success) {
                leases.leave(); // else the session does, when it is freed
            }
        }
    }

    /** A close that did not see the session is seen here, and the other way round. */
    private PreparedCall added(PreparedCall session) {
        sessions.add(session);
        if (leases.isClosed()) {
            session.close();
            throw Failures.closed("model " + name);
        }
        return session;
    }

    private void enter() {
        if (!leases.enter()) {
            throw Failures.closed("model " + name);
        }
    }

    private List<TensorSpec> specs(String method) {
        return method.equals(FORWARD) ? inputs : List.of();
    }

    /** Refuses new calls, waits for those that run, then frees the model. */
    @Override
    public void close() {
        close(leases, sessions);
        leases.awaitFreed();
    }

    @Override
    public String toString() {
        return "model " + name + ": " + signature;
    }
}
