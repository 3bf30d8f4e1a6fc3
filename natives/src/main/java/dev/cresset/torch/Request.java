package dev.cresset.torch;

import dev.cresset.engine.EngineException;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import dev.cresset.torch.shared.ScalarTypes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Writes a request into a block, in the words of {@code wire.h}. Tensors are written as their addresses: the caller keeps
 * them open until the native side is done. Used by one thread at a time.
 */
final class Request {

    private final WireBlock block;
    private int at;

    Request(WireBlock block) {
        this.block = block;
    }

    /** Where the request lies, once it is written. */
    long address() {
        return block.address();
    }

    /** Starts anew. */
    Request reset() {
        at = 0;
        return this;
    }

    Request word(long word) {
        block.ensure(at + (long) Long.BYTES);
        block.words().putLong(at, word);
        at += Long.BYTES;
        return this;
    }

    Request text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        word(bytes.length);
        int padded = (bytes.length + 7) / 8 * 8;
        block.ensure(at + (long) padded);
        block.words().put(at, bytes);
        at += padded;
        return this;
    }

    Request values(List<? extends Value> values) {
        word(values.size());
        values.forEach(this::value);
        return this;
    }

    private void value(Value value) {
        if (value instanceof Tensor tensor) {
            tensor(tensor);
        } else if (value instanceof Value.IntValue number) {
            word(Tags.INT).word(number.value());
        } else if (value instanceof Value.FloatValue number) {
            word(Tags.FLOAT).word(Double.doubleToRawLongBits(number.value()));
        } else if (value instanceof Value.BoolValue bool) {
            word(Tags.BOOL).word(bool.value() ? 1 : 0);
        } else if (value instanceof Value.StringValue string) {
            word(Tags.STRING).text(string.value());
        } else if (value instanceof Value.ListValue list) {
            word(Tags.LIST).values(list.elements());
        } else if (value instanceof Value.TupleValue tuple) {
            word(Tags.TUPLE).values(tuple.elements());
        } else if (value instanceof Value.DictValue dict) {
            word(Tags.DICT).word(dict.entries().size());
            for (Map.Entry<Value, Value> entry : dict.entries().entrySet()) {
                value(entry.getKey());
                value(entry.getValue());
            }
        } else {
            word(Tags.NONE);
        }
    }

    private void tensor(Tensor tensor) {
        word(Tags.TENSOR);
        word(address(tensor));
        word(ScalarTypes.code(tensor.dataType()));
        long[] shape = tensor.shape();
        word(shape.length);
        for (long size : shape) {
            word(size);
        }
    }

    private static long address(Tensor tensor) {
        Memory memory = tensor.acquire();
        try {
            if (memory.address() == 0) {
                memory.address(Bridge.addressOf(memory.buffer()));
            }
            if (memory.address() % tensor.dataType().bytes() != 0) {
                throw new EngineException(
                        EngineException.Kind.INVALID_INPUT,
                        tensor + " wraps a buffer that is not aligned to its elements; see ByteBuffer.alignedSlice");
            }
            return memory.address();
        } finally {
            memory.release();
        }
    }
}
