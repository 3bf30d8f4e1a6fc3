package dev.cresset.engine;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An engine in pure Java, stricter than a native one: what would corrupt memory there is an {@link AssertionError} here. A
 * model's bytes are the name of one of the {@link FakeModules}.
 *
 * <p>It holds its users to the contract: nothing is used after close or closed twice, models are closed when no call is
 * inside and no session open, sessions are run by one thread at a time, and every tensor that was given out is given back
 * ({@link OpenThings}). Freed tensors are overwritten, so that reading one shows.
 *
 * <p>Where a test has {@link FakeDevices}, models compute on them as on a GPU: a call that is started computes later; until it has been awaited
 * its outputs hold nonsense, and whoever writes its arguments, runs it again or closes it is told.
 */
public final class FakeEngine implements Engine {

    /** The name to ask for. */
    public static final String NAME = "fake";

    private static final FakeEngine INSTANCE = new FakeEngine();

    private FakeEngine() {}

    /** The engine of this process. */
    public static FakeEngine instance() {
        return INSTANCE;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, String> facts() {
        return Map.of("runs", "nothing");
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.allOf(Capability.class);
    }

    @Override
    public List<DeviceReport> devices() {
        return Stream.concat(
                        Stream.of(DeviceReport.ofCpu()),
                        FakeDevices.present().stream()
                                .filter(device -> !device.hasFailed())
                                .map(FakeDevice::report))
                .toList();
    }

    @Override
    public Optional<String> unavailable(Device device) {
        if (device.isCpu()) {
            return Optional.empty();
        }
        int count = FakeDevices.present().size();
        if (device.index() >= count) {
            return Optional.of("of fake GPUs there are " + count);
        }
        return FakeDevices.present().get(device.index()).hasFailed()
                ? Optional.of("it has failed in this process")
                : Optional.empty();
    }

    private static @Nullable FakeDevice there(Device device) {
        if (device.isCpu()) {
            return null;
        }
        if (device.index() >= FakeDevices.present().size()) {
            throw new AssertionError("a model was to be loaded onto " + device + ", which is not there");
        }
        return FakeDevices.present().get(device.index());
    }

    @Override
    public EngineModel load(ModelSource source, LoadOptions options) {
        FakeModule saved = FakeModules.get(text(source));
        Optimization how = options.freeze() && !saved.isStateful() ? Optimization.FROZEN : Optimization.AS_IS;
        FakeModule module = options.precision() == Precision.BFLOAT16 ? saved.bfloat16() : saved;
        return new Loaded(saved, module, how, options.precision(), there(options.device()));
    }

    private static String text(ModelSource source) {
        if (source instanceof ModelSource.InMemory memory) {
            return StandardCharsets.UTF_8
                    .decode(memory.bytes().duplicate())
                    .toString()
                    .strip();
        }
        try {
            return Files.readString(((ModelSource.InFile) source).path()).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Loaded implements EngineModel {
        private final FakeModule saved;
        private final FakeModule module;
        private final AtomicInteger inside = new AtomicInteger();
        private final AtomicInteger sessions = new AtomicInteger();
        private final OpenThings.Thing thing;

        private final Optimization optimization;
        private final Precision precision;
        private final @Nullable FakeDevice device;
        private final long charged;
        private volatile boolean settled;

        Loaded(
                FakeModule saved,
                FakeModule module,
                Optimization optimization,
                Precision precision,
                @Nullable FakeDevice device) {
            this.device = device;
            this.charged = device == null ? 0 : module.weights();
            this.precision = precision;
            this.saved = saved;
            this.module = module;
            this.optimization = optimization;
            this.settled = optimization != Optimization.FROZEN;
            if (device != null) {
                device.charge(charged);
            }
            this.thing = OpenThings.opened("model");
        }

        @Override
        public Optimization optimization() {
            return optimization;
        }

        @Override
        public Precision precision() {
            return module == saved ? Precision.AS_SAVED : precision;
        }

        @Override
        public Set<Optimization> optimizations() {
            return settled ? Set.of() : module.optimizations();
        }

        @Override
        public EngineModel optimized(Optimization other) {
            thing.requireOpen();
            if (settled) {
                throw new AssertionError("a settled model was to be optimized");
            }
            if (other == Optimization.AS_IS) {
                return new Loaded(saved, saved, other, precision, device);
            }
            FakeModule made = module.optimized(other);
            Loaded loaded = new Loaded(saved, made, made == module ? optimization : other, precision, device);
            loaded.settled = true;
            return loaded;
        }

        @Override
        public Device device() {
            return device == null ? Device.cpu() : device.device();
        }

        @Override
        public Memory hostMemory(long bytes) {
            thing.requireOpen();
            return device == null ? Memory.allocate(Math.toIntExact(bytes)) : FakeHostMemory.allocate(bytes);
        }

        @Override
        public void settle() {
            thing.requireOpen();
            settled = true;
        }

        @Override
        public Signature signature() {
            return module.signature();
        }

        @Override
        public boolean isStateful() {
            return module.isStateful();
        }

        @Override
        public boolean mayNotEnd() {
            return saved.isEndless();
        }

        @Override
        public Value invoke(String method, List<Value> arguments) {
            List<Value> lent = lend(arguments);
            try {
                if (device == null) {
                    return owned(call(method, lent));
                }
                int number = device.copyIn();
                device.awaitTurn();
                return owned(callOnDevice(method, lent, number));
            } finally {
                lent.forEach(Value::close);
            }
        }

        /** While it computes, it takes sixteen times the memory of its arguments. */
        private Value callOnDevice(String method, List<Value> arguments, int number) {
            FakeDevice on = Objects.requireNonNull(device);
            long work = 16 * bytes(arguments);
            on.charge(work);
            try {
                Value returned = call(method, arguments);
                on.computed(number);
                on.copyOut(number);
                return returned;
            } finally {
                on.giveBack(work);
            }
        }

        private Value call(String method, List<Value> arguments) {
            thing.requireOpen();
            inside.incrementAndGet();
            try {
                if (module.isStateful()) {
                    synchronized (module) {
                        return module.call(method, arguments);
                    }
                }
                return module.call(method, arguments);
            } finally {
                inside.decrementAndGet();
            }
        }

        @Override
        public EngineSession prepare(String method, List<Value> arguments, List<Tensor> outputs) {
            thing.requireOpen();
            return device == null
                    ? new Prepared(this, method, arguments, outputs)
                    : new FakeDeviceSession(
                            device,
                            bytes(arguments),
                            new Prepared(this, method, arguments, outputs),
                            arguments,
                            outputs);
        }

        @Override
        public void close() {
            if (inside.get() != 0 || sessions.get() != 0) {
                throw new AssertionError("a model was closed with " + inside.get() + " calls inside and "
                        + sessions.get() + " sessions open");
            }
            thing.closed();
            if (device != null) {
                device.giveBack(charged);
            }
        }
    }

    static long bytes(List<? extends Value> values) {
        long bytes = 0;
        for (Value value : values) {
            if (value instanceof Tensor tensor) {
                bytes += tensor.elements() * tensor.dataType().bytes();
            } else if (value instanceof Value.ListValue list) {
                bytes += bytes(list.elements());
            }
        }
        return bytes;
    }

    /** A call over tensors: what a session does when it computes. */
    static final class Prepared implements EngineSession {
        private final Loaded model;
        private final String method;
        private final List<Value> arguments;
        private final List<Tensor> outputs;
        private final AtomicBoolean running = new AtomicBoolean();
        private final OpenThings.Thing thing = OpenThings.opened("session");
        private Value result = Value.none();

        Prepared(Loaded model, String method, List<Value> arguments, List<Tensor> outputs) {
            this.model = model;
            this.method = method;
            this.arguments = lend(arguments);
            this.outputs =
                    outputs.stream().map(output -> output.lend(output.shape())).toList();
            model.sessions.incrementAndGet();
        }

        @Override
        public void start() {
            thing.requireOpen();
            if (!running.compareAndSet(false, true)) {
                throw new AssertionError("a session was started while it ran");
            }
        }

        @Override
        public void await() {
            if (!running.compareAndSet(true, false)) {
                throw new AssertionError("a session was awaited that was not started");
            }
            run();
        }

        @Override
        public void run() {
            run(0);
        }

        /** Ends the wait, and runs nothing. */
        void giveUp() {
            running.set(false);
        }

        /** Ends the wait, as the call of a device that has this number. */
        void started(int number) {
            if (!running.compareAndSet(true, false)) {
                throw new AssertionError("a session was awaited that was not started");
            }
            run(number);
        }

        /** As the call of a device that has this number, or of none. */
        private void run(int number) {
            thing.requireOpen();
            if (!running.compareAndSet(false, true)) {
                throw new AssertionError("a session was run by two threads at once");
            }
            try {
                result.close();
                result = Value.none();
                Value returned =
                        number == 0 ? model.call(method, arguments) : model.callOnDevice(method, arguments, number);
                if (outputs.isEmpty()) {
                    result = owned(returned);
                } else {
                    writeInto(outputs, returned);
                }
            } finally {
                running.set(false);
            }
        }

        @Override
        public Value result() {
            thing.requireOpen();
            return result;
        }

        @Override
        public void close() {
            if (running.get()) {
                throw new AssertionError("a session was closed while it ran");
            }
            result.close();
            thing.closed();
            model.sessions.decrementAndGet();
        }
    }

    private static void writeInto(List<Tensor> outputs, Value returned) {
        List<Value> tensors = returned instanceof Tensor ? List.of(returned) : returned.asList();
        if (tensors.size() != outputs.size()) {
            throw new EngineException(
                    EngineException.Kind.INVALID_INPUT,
                    "the result has " + tensors.size() + " tensors, " + outputs.size() + " are bound");
        }
        for (int i = 0; i < outputs.size(); i++) {
            Tensor from = tensors.get(i).asTensor();
            Tensor to = outputs.get(i);
            if (from.dataType() != to.dataType() || !java.util.Arrays.equals(from.shape(), to.shape())) {
                throw new EngineException(
                        EngineException.Kind.INVALID_INPUT,
                        "result " + i + " is " + from + ", the tensor bound for it is " + to);
            }
            Memory memory = to.acquire();
            try {
                ByteBuffer target = (ByteBuffer) memory.buffer();
                target.put(0, from.asByteBuffer(), 0, target.capacity());
            } finally {
                memory.release();
            }
        }
        returned.close();
    }

    /**
     * The same values over the same memory: an engine reads memory, not tensors, so that a tensor's close during a call does
     * not concern it.
     */
    private static List<Value> lend(List<Value> values) {
        return values.stream().map(FakeEngine::lend).toList();
    }

    private static Value lend(Value value) {
        if (value instanceof Tensor tensor) {
            return tensor.lend(tensor.shape());
        } else if (value instanceof Value.TupleValue tuple) {
            return new Value.TupleValue(lend(tuple.elements()));
        } else if (value instanceof Value.ListValue list) {
            return new Value.ListValue(lend(list.elements()));
        } else if (value instanceof Value.DictValue dict) {
            Map<Value, Value> entries = new LinkedHashMap<>();
            dict.entries().forEach((key, element) -> entries.put(key, lend(element)));
            return new Value.DictValue(entries);
        }
        return value;
    }

    /** The same value with tensors that are counted, and overwritten when they are freed. */
    private static Value owned(Value value) {
        if (value instanceof Tensor tensor) {
            return ownedTensor(tensor);
        } else if (value instanceof Value.TupleValue tuple) {
            return new Value.TupleValue(ownedAll(tuple.elements()));
        } else if (value instanceof Value.ListValue list) {
            return new Value.ListValue(ownedAll(list.elements()));
        } else if (value instanceof Value.DictValue dict) {
            Map<Value, Value> entries = new LinkedHashMap<>();
            dict.entries().forEach((key, element) -> entries.put(key, owned(element)));
            return new Value.DictValue(entries);
        }
        return value;
    }

    private static List<Value> ownedAll(List<Value> values) {
        List<Value> owned = new ArrayList<>();
        values.forEach(value -> owned.add(owned(value)));
        return owned;
    }

    private static Tensor ownedTensor(Tensor tensor) {
        DataType type = tensor.dataType();
        ByteBuffer bytes = ByteBuffer.allocateDirect((int) tensor.elements() * type.bytes())
                .order(ByteOrder.nativeOrder())
                .put(tensor.asByteBuffer())
                .flip();
        long[] shape = tensor.shape();
        tensor.close();
        OpenThings.Thing thing = OpenThings.opened("tensor");
        Memory memory = Memory.ofEngine(1, bytes.capacity(), (address, size) -> bytes.duplicate(), () -> {
            thing.closed();
            for (int i = 0; i < bytes.capacity(); i++) {
                bytes.put(i, (byte) 0xDE);
            }
        });
        return Tensor.ofEngine(type, shape, memory);
    }
}
