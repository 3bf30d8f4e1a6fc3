package dev.cresset.engine;

import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * A prepared call on a {@link FakeDevice}: its arguments have a place there, it computes when it is awaited, and between the two its outputs hold
 * nonsense and its arguments must stay what they were.
 */
final class FakeDeviceSession implements EngineSession {

    /** What a run takes of the device's time. */
    static final long NANOS = 5_000;

    private final FakeDevice device;
    private final long bytes;
    private final FakeEngine.Prepared call;
    private final List<Value> arguments;
    private final List<Tensor> outputs;
    private final List<FakeHostMemory> host;
    private byte[] copied = {};
    private byte[] before = {};
    private int number;

    /** Takes the call over. */
    FakeDeviceSession(
            FakeDevice device, long bytes, FakeEngine.Prepared call, List<Value> arguments, List<Tensor> outputs) {
        this.device = device;
        this.bytes = bytes;
        this.call = call;
        this.arguments = arguments;
        this.outputs = outputs;
        this.host = FakeHostMemory.of(arguments);
        boolean success = false;
        try {
            device.charge(bytes);
            success = true;
        } finally {
            if (!success) {
                call.close();
            }
        }
    }

    @Override
    public void run() {
        start();
        await();
    }

    @Override
    public void start() {
        if (number != 0) {
            throw new AssertionError("a session was started while it ran");
        }
        int begun = device.copyIn();
        call.start();
        number = begun;
        copied = content(arguments);
        host.forEach(FakeHostMemory::copyBegins);
        before = content(outputs);
        byte[] nonsense = new byte[before.length];
        Arrays.fill(nonsense, (byte) 0xDE);
        put(nonsense);
    }

    @Override
    public void await() {
        int begun = number;
        if (begun == 0) {
            throw new AssertionError("a session was awaited that was not started");
        }
        boolean asked = false;
        boolean success = false;
        try {
            device.awaitTurn();
            if (!Arrays.equals(copied, content(arguments))) {
                throw new AssertionError("an argument was written between start and await");
            }
            asked = true;
            call.started(begun);
            success = true;
        } finally {
            if (!success) {
                put(before); // a call that fails writes nothing
            }
            if (!asked) {
                call.giveUp();
            }
            host.forEach(FakeHostMemory::copyEnds);
            number = 0;
        }
    }

    private static byte[] content(List<? extends Value> values) {
        byte[] content = new byte[(int) FakeEngine.bytes(values)];
        int at = 0;
        for (Value value : values) {
            List<Value> parts = value instanceof Value.ListValue list ? list.elements() : List.of(value);
            for (Value part : parts) {
                if (part instanceof Tensor tensor) {
                    Memory memory = tensor.acquire();
                    ByteBuffer from = ((ByteBuffer) memory.buffer()).duplicate();
                    int size = (int) tensor.elements() * tensor.dataType().bytes();
                    from.get(0, content, at, size);
                    at += size;
                    memory.release();
                }
            }
        }
        return content;
    }

    private void put(byte[] content) {
        int at = 0;
        for (Tensor output : outputs) {
            Memory memory = output.acquire();
            int size = (int) output.elements() * output.dataType().bytes();
            ((ByteBuffer) memory.buffer()).duplicate().put(0, content, at, size);
            at += size;
            memory.release();
        }
    }

    @Override
    public long deviceNanos() {
        return NANOS;
    }

    @Override
    public Value result() {
        if (number != 0) {
            throw new AssertionError("a result was read between start and await");
        }
        return call.result();
    }

    @Override
    public void close() {
        if (number != 0) {
            throw new AssertionError("a session was closed between start and await");
        }
        call.close();
        device.giveBack(bytes);
    }
}
