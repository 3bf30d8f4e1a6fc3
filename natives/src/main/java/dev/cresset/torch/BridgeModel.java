package dev.cresset.torch;

import dev.cresset.engine.Device;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.EngineSession;
import dev.cresset.engine.GraphReport;
import dev.cresset.engine.ModelSource;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import dev.cresset.tensor.ValueSpec;
import dev.cresset.tensor.ValueType;
import dev.cresset.torch.exported.Guard;
import dev.cresset.torch.exported.LoweredPrograms;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/** A module in LibTorch's hands. Safe for use by several threads; see {@link EngineModel} for close. */
final class BridgeModel implements EngineModel {

    /** By the numbers that optimize.h has for them. */
    private static final List<Optimization> OPTIMIZATIONS = List.of(Optimization.values());

    /** By those that precision.h has. */
    private static final List<Precision> PRECISIONS = List.of(Precision.values());

    private final long handle;
    private final boolean stateful;
    private final boolean mayNotEnd;
    private final Optimization optimization;
    private final Precision precision;
    private volatile Set<Optimization> optimizations;
    private final Signature signature;
    private final Device device;
    private final int cudaGraphs;

    /** Blocks that no call uses at the moment; as many as calls ran at once. */
    private final ConcurrentLinkedDeque<Exchange> idle = new ConcurrentLinkedDeque<>();

    /** What the native side loads again for the module as it was saved, until this has settled. */
    @SuppressWarnings("UnusedVariable") // it keeps memory reachable whose address the native side has
    private volatile @Nullable ModelSource source;

    /** Of an exported program it is known what its methods' parameters are like. */
    private final Map<String, LoweredPrograms.Method> exported;

    BridgeModel(
            long handle,
            Reply description,
            Map<String, LoweredPrograms.Method> exported,
            int cudaGraphs,
            @Nullable ModelSource source) {
        this.cudaGraphs = cudaGraphs;
        this.exported = exported;
        this.handle = handle;
        this.stateful = description.word() != 0;
        this.mayNotEnd = description.word() != 0;
        this.optimization = OPTIMIZATIONS.get((int) description.word());
        this.precision = PRECISIONS.get((int) description.word());
        Set<Optimization> others = EnumSet.noneOf(Optimization.class);
        for (long count = description.word(); count > 0; count--) {
            others.add(OPTIMIZATIONS.get((int) description.word()));
        }
        this.optimizations = Collections.unmodifiableSet(others);
        // Of an exported program the native side has its own copy, and the file.
        this.source = others.isEmpty() || !exported.isEmpty() ? null : source;
        Map<String, Signature.Method> methods = new LinkedHashMap<>();
        for (long count = description.word(); count > 0; count--) {
            String name = description.text();
            List<Signature.Parameter> parameters = new ArrayList<>();
            for (long left = description.word(); left > 0; left--) {
                String parameter = description.text();
                ValueType type = ValueType.parse(description.text());
                boolean optional = description.word() != 0;
                parameters.add(new Signature.Parameter(parameter, type, optional, spec(name, parameters.size())));
            }
            methods.put(name, new Signature.Method(name, parameters, ValueType.parse(description.text())));
        }
        this.signature = new Signature(methods);
        this.device = DeviceCodes.device(description.word(), description.word());
    }

    /** The number of a precision. */
    static int code(Precision precision) {
        return PRECISIONS.indexOf(precision);
    }

    private ValueSpec spec(String method, int parameter) {
        LoweredPrograms.Method known = exported.get(method);
        return known == null
                ? new ValueSpec.Open()
                : known.parameters().get(parameter).spec();
    }

    /** What decided the branches of an exported program must be so again: nothing on the other side would see that it is not. */
    private void requireGuards(String method, List<Value> arguments) {
        LoweredPrograms.Method known = exported.get(method);
        if (known == null) {
            return;
        }
        for (Guard guard : known.guards()) {
            if (!guard.holds(arguments)) {
                throw new EngineException(
                        EngineException.Kind.INVALID_INPUT,
                        "its inputs do not keep to '" + guard
                                + "', which torch.export chose the program's branches by: "
                                + guard.found(arguments)
                                + "; give inputs that do, or export the model for these");
            }
        }
    }

    @Override
    public Signature signature() {
        return signature;
    }

    @Override
    public boolean isStateful() {
        return stateful;
    }

    @Override
    public boolean mayNotEnd() {
        return mayNotEnd;
    }

    /** What consists of operators of our own is compiled when it is made, and gets ready in one run: it lays its weights out. */
    @Override
    public int warmUpRuns() {
        return optimization == Optimization.DIRECT || optimization == Optimization.DIRECT_CHANNELS_LAST ? 1 : 3;
    }

    @Override
    public boolean sharesProcessors() {
        return true;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public GraphReport graphs() {
        if (device.isCpu() || cudaGraphs == 0) {
            return GraphReport.none();
        }
        Reply reply = new Reply(new WireBlock(4096));
        reply.received(Bridge.describeGraphs(handle, reply.address(), reply.capacity()));
        int recorded = (int) reply.word();
        long bytes = reply.word();
        String refusal = reply.text();
        return new GraphReport(
                recorded, cudaGraphs, bytes, refusal.isEmpty() ? Optional.empty() : Optional.of(refusal));
    }

    @Override
    public Memory hostMemory(long bytes) {
        if (device.isCpu()) {
            return EngineModel.super.hostMemory(bytes);
        }
        Reply reply = new Reply(new WireBlock(4096));
        return reply.received(Bridge.allocateHostMemory(handle, bytes, reply.address(), reply.capacity()))
                .memory(bytes, Bridge::releaseHostMemory);
    }

    @Override
    public Optimization optimization() {
        return optimization;
    }

    @Override
    public Precision precision() {
        return precision;
    }

    @Override
    public Set<Optimization> optimizations() {
        return optimizations;
    }

    @Override
    public EngineModel optimized(Optimization other) {
        Reply reply = new Reply(new WireBlock(16 * 1024));
        reply.received(Bridge.optimize(handle, OPTIMIZATIONS.indexOf(other), reply.address(), reply.capacity()));
        return new BridgeModel(reply.word(), reply, exported, cudaGraphs, null);
    }

    @Override
    public void settle() {
        optimizations = Set.of();
        Bridge.settle(handle);
        source = null;
    }

    @Override
    public Value invoke(String method, List<Value> arguments) {
        requireGuards(method, arguments);
        Exchange exchange = idle.pollFirst();
        if (exchange == null) {
            exchange = new Exchange();
        }
        try {
            Request request = exchange.request.reset().text(method).values(arguments);
            Reply reply = exchange.reply;
            return reply.received(Bridge.invoke(handle, request.address(), reply.address(), reply.capacity()))
                    .value();
        } finally {
            idle.addFirst(exchange);
        }
    }

    @Override
    public EngineSession prepare(String method, List<Value> arguments, List<Tensor> outputs) {
        requireGuards(method, arguments);
        Exchange exchange = new Exchange();
        Request request = exchange.request.text(method).values(arguments).values(outputs);
        Reply reply = exchange.reply;
        try {
            long call = reply.received(Bridge.prepare(handle, request.address(), reply.address(), reply.capacity()))
                    .word();
            return new BridgeSession(call, reply, outputs.isEmpty(), !device.isCpu());
        } finally {
            // Nothing else refers to the request's block while the native side reads it.
            Reference.reachabilityFence(request);
        }
    }

    @Override
    public void close() {
        Bridge.unload(handle);
    }

    /** The blocks of one call. */
    private static final class Exchange {
        final Request request = new Request(new WireBlock(4096));
        final Reply reply = new Reply(new WireBlock(16 * 1024));
    }
}
