package dev.cresset.torch;

import dev.cresset.engine.EngineException;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import dev.cresset.torch.shared.ExecutionFailures;
import dev.cresset.torch.shared.ScalarTypes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Reads a reply out of a block, in the words of {@code wire.h}. The one place where a native failure becomes an exception.
 * Used by one thread at a time.
 */
final class Reply {

    private static final EngineException.Kind[] KINDS = {
        EngineException.Kind.EXECUTION,
        EngineException.Kind.OUT_OF_MEMORY,
        EngineException.Kind.INVALID_INPUT,
        EngineException.Kind.OUT_OF_DEVICE_MEMORY,
        EngineException.Kind.DEVICE_FAILED
    };

    private final WireBlock block;
    private int at;

    Reply(WireBlock block) {
        this.block = block;
    }

    long address() {
        return block.address();
    }

    long capacity() {
        return block.capacity();
    }

    /** Takes what a native function returned: how long its reply is. Throws if the reply is a failure. Hot path. */
    Reply received(long bytes) {
        if (bytes > block.capacity()) {
            block.ensure(bytes);
            Bridge.fetch(block.address(), block.capacity());
        }
        at = 0;
        int status = (int) word();
        if (status != 0) {
            throw ExecutionFailures.explained(KINDS[status - 1], text());
        }
        return this;
    }

    long word() {
        long word = block.words().getLong(at);
        at += Long.BYTES;
        return word;
    }

    String text() {
        byte[] bytes = new byte[(int) word()];
        block.words().get(at, bytes);
        at += (bytes.length + 7) / 8 * 8;
        return new String(bytes, StandardCharsets.UTF_8);
    }

    Value value() {
        int tag = (int) word();
        return switch (tag) {
            case Tags.NONE -> Value.none();
            case Tags.TENSOR -> tensor();
            case Tags.INT -> Value.of(word());
            case Tags.FLOAT -> Value.of(Double.longBitsToDouble(word()));
            case Tags.BOOL -> Value.of(word() != 0);
            case Tags.STRING -> Value.of(text());
            case Tags.LIST -> Value.list(values());
            case Tags.TUPLE -> new Value.TupleValue(values());
            case Tags.DICT -> dict();
            default -> throw new IllegalStateException("a reply has a value of unknown kind " + tag);
        };
    }

    private List<Value> values() {
        int count = (int) word();
        List<Value> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(value());
        }
        return values;
    }

    private Value dict() {
        int count = (int) word();
        Map<Value, Value> entries = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            Value key = value();
            entries.put(key, value());
        }
        return new Value.DictValue(entries);
    }

    /** Memory of this many bytes that the native side gives away: its address, and the handle to release it by. */
    Memory memory(long bytes, LongConsumer release) {
        long address = word();
        long handle = word();
        return Memory.ofEngine(address, bytes, Views::over, () -> release.accept(handle));
    }

    private Tensor tensor() {
        long address = word();
        DataType type = ScalarTypes.of(word());
        long[] shape = new long[(int) word()];
        long bytes = type.bytes();
        for (int i = 0; i < shape.length; i++) {
            shape[i] = word();
            bytes *= shape[i];
        }
        long handle = word();
        if (handle == 0) {
            // The bytes follow; they are this block's, and so the garbage collector's.
            ByteBuffer inlined = block.words().slice(at, (int) bytes);
            at += ((int) bytes + 7) / 8 * 8;
            return Tensor.wrap(type, inlined.order(block.words().order()), shape);
        }
        return Tensor.ofEngine(type, shape, Memory.ofEngine(address, bytes, Views::over, new Release(handle)));
    }

    /** Gives LibTorch its tensor back. */
    private record Release(long handle) implements Runnable {
        @Override
        public void run() {
            Bridge.releaseTensor(handle);
        }
    }

    private static final class Views {
        static ByteBuffer over(long address, int bytes) {
            return (ByteBuffer) Bridge.bufferOver(address, bytes);
        }
    }
}
