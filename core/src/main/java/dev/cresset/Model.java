package dev.cresset;

import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.ModelSource;
import dev.cresset.internal.Leases;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TorchScript module that can be called: values in, values out, with nothing before or after.
 *
 * <p>The module is put in eval mode and, unless it changes its own attributes, frozen, which computes the same faster. A
 * module that keeps state between calls works as in Python; its calls run one after the other.
 *
 * <p>The user closes it. Close refuses new calls with a {@link ClosedException} and waits for those that run. Results
 * belong to the caller and outlive the model. The archive may be closed as soon as {@code open} has returned.
 *
 * <p>A TorchScript module is a program: open only what you trust.
 *
 * <p>Instances are safe for use by several threads: share one.
 */
public final class Model implements AutoCloseable {

    private static final String FORWARD = "forward";

    private final String name;
    private final List<TensorSpec> inputs;
    private final EngineModel engineModel;
    private final Signature signature;
    private final Leases leases;
    private final Set<Session> sessions;

    private Model(String name, List<TensorSpec> inputs, EngineModel engineModel) {
        this.name = name;
        this.inputs = inputs;
        this.engineModel = engineModel;
        this.signature = engineModel.signature();
        Set<Session> open = ConcurrentHashMap.newKeySet();
        this.sessions = open;
        this.leases = new Leases(() -> {
            // Children first; nobody is inside one, since every run is inside the model too.
            List.copyOf(open).forEach(Session::close);
            engineModel.close();
        });
        leases.closeWhenForgotten(this);
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
     */
    public static Model open(ModelArchive archive, ModelOptions options) throws IOException {
        return load(ModelSources.of(archive), options);
    }

    /** Opens a TorchScript file, as {@code torch.jit.save} writes it. */
    public static Model open(Path pt) {
        return open(pt, ModelOptions.defaults());
    }

    /**
     * Opens a TorchScript file, as {@code torch.jit.save} writes it.
     *
     * @throws ModelLoadException if there is none, or the engine cannot read it
     * @throws EngineUnavailableException if there is no engine for this platform
     */
    public static Model open(Path pt, ModelOptions options) {
        return load(ModelSources.of(pt), options);
    }

    private static Model load(ModelSource source, ModelOptions options) {
        var engine = Engines.open(options.engine());
        try {
            EngineModel loaded = engine.load(source, new LoadOptions(options.intraOpThreads(), /* freeze= */ true));
            return new Model(source.name(), options.inputs(), loaded);
        } catch (EngineException e) {
            throw Failures.ofLoad(source.name(), e);
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

    /** Whether the module keeps state between calls, so that their order matters. */
    public boolean isStateful() {
        return engineModel.isStateful();
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
        List<Value> values = List.of(arguments);
        enter();
        try {
            Arguments.check(name, Arguments.method(name, signature, method), specs(method), values);
            List<Memory> held = Arguments.acquire(values);
            try {
                return engineModel.invoke(method, values);
            } catch (EngineException e) {
                throw Failures.ofCall(name, method, values, e);
            } finally {
                Arguments.release(held);
            }
        } finally {
            leases.leave();
        }
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
        Session session = session(FORWARD, List.copyOf(inputs), List.copyOf(outputs));
        return new BoundCall(this, session);
    }

    /** A call that reads its arguments where they are; it keeps the model and the tensors until it is closed. */
    Session session(String method, List<Value> arguments, List<Tensor> outputs) {
        enter();
        boolean success = false;
        try {
            Arguments.check(name, Arguments.method(name, signature, method), specs(method), arguments);
            List<Memory> held = Arguments.acquire(arguments);
            try {
                held.addAll(Arguments.acquire(outputs));
                Session session = new Session(
                        name,
                        leases,
                        sessions,
                        method,
                        arguments,
                        held,
                        engineModel.prepare(method, arguments, outputs));
                sessions.add(session);
                success = true;
                return session;
            } catch (EngineException e) {
                throw Failures.ofCall(name, method, arguments, e);
            } finally {
                if (!success) {
                    Arguments.release(held);
                }
            }
        } finally {
            leases.leave();
        }
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
        leases.close();
        leases.awaitFreed();
    }

    @Override
    public String toString() {
        return "model " + name + ": " + signature;
    }
}
