package dev.cresset.onnx;

import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.cresset.engine.EngineException;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/** Reads what ONNX Runtime returned, into memory of the JVM's. */
final class OnnxResults {

    private OnnxResults() {}

    /** In the model's order; the caller closes them. */
    static List<Value> read(List<String> names, OrtSession.Result result) {
        List<Value> values = new ArrayList<>();
        boolean success = false;
        try {
            for (int i = 0; i < names.size(); i++) {
                values.add(read(names.get(i), result.get(i)));
            }
            success = true;
            return values;
        } catch (OrtException e) {
            throw OnnxFailures.ofCall(e);
        } finally {
            if (!success) {
                values.forEach(Value::close);
            }
        }
    }

    /** One result as it is, several as a dict. */
    static Value joined(List<String> names, List<? extends Value> values) {
        if (values.size() == 1) {
            return values.get(0);
        }
        Map<String, Value> entries = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            entries.put(names.get(i), values.get(i));
        }
        return Value.dict(entries);
    }

    private static Value read(String name, OnnxValue value) throws OrtException {
        if (value instanceof OnnxTensor tensor) {
            return read(name, tensor);
        } else if (value instanceof OnnxSequence sequence) {
            return read(name, sequence);
        } else if (value instanceof OnnxMap map) {
            return read(map.getValue());
        }
        throw new EngineException(
                EngineException.Kind.EXECUTION,
                "result '" + name + "' is a " + (value == null ? "missing value" : value.getType())
                        + ", which has no counterpart in Java");
    }

    private static Value read(String name, OnnxSequence sequence) throws OrtException {
        List<? extends OnnxValue> elements = sequence.getValue();
        List<Value> values = new ArrayList<>();
        boolean success = false;
        try {
            for (OnnxValue element : elements) {
                values.add(read(name, element));
            }
            Value list = Value.list(values);
            success = true;
            return list;
        } finally {
            OnnxValue.close(elements);
            if (!success) {
                values.forEach(Value::close);
            }
        }
    }

    private static Value read(Map<?, ?> map) {
        Map<Value, Value> entries = new LinkedHashMap<>();
        map.forEach((key, value) -> entries.put(scalar(key), scalar(value)));
        return new Value.DictValue(entries);
    }

    private static Value scalar(Object value) {
        if (value instanceof String text) {
            return Value.of(text);
        } else if (value instanceof Float || value instanceof Double) {
            return Value.of(((Number) value).doubleValue());
        } else if (value instanceof Number number) {
            return Value.of(number.longValue());
        }
        return Value.of((Boolean) value);
    }

    private static Value read(String name, OnnxTensor tensor) throws OrtException {
        TensorInfo info = tensor.getInfo();
        long[] shape = info.getShape();
        return switch (info.onnxType) {
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> texts(tensor.getValue());
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> widened(tensor, DataType.INT32, 2, bits -> bits & 0xffff);
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 ->
                widened(tensor, DataType.INT64, 4, bits -> bits & 0xffff_ffffL);
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 ->
                widened(tensor, DataType.INT64, 8, bits -> {
                    if (bits < 0) {
                        throw new EngineException(
                                EngineException.Kind.EXECUTION,
                                "result '" + name + "' has the uint64 " + Long.toUnsignedString(bits)
                                        + ", which is more than an int64 holds");
                    }
                    return bits;
                });
            default ->
                copied(
                        tensor,
                        OnnxTypes.of(info)
                                .orElseThrow(
                                        () -> new EngineException(
                                                EngineException.Kind.EXECUTION,
                                                "its result '" + name + "' is of type " + OnnxTypes.name(info)
                                                        + ", which no tensor here holds; put a Cast behind it, and save the model again")),
                        shape);
        };
    }

    /** A scalar's text, or lists of lists of them. */
    private static Value texts(Object value) {
        if (value instanceof Object[] array) {
            List<Value> elements = new ArrayList<>();
            for (Object element : array) {
                elements.add(texts(element));
            }
            return Value.list(elements);
        }
        return Value.of((String) value);
    }

    private static Tensor copied(OnnxTensor from, DataType type, long[] shape) {
        Tensor tensor = Tensor.allocate(type, shape);
        if (tensor.elements() > 0) {
            Memory memory = tensor.acquire();
            try {
                ByteBuffer bytes = from.getByteBuffer();
                ((ByteBuffer) memory.buffer()).put(0, bytes, 0, bytes.capacity());
            } finally {
                memory.release();
            }
        }
        return tensor;
    }

    /** Unsigned numbers, which core has no type for, in the next larger one that has a sign. */
    private static Tensor widened(OnnxTensor from, DataType type, int size, LongUnaryOperator number) {
        Tensor tensor = Tensor.allocate(type, from.getInfo().getShape());
        boolean success = false;
        Memory memory = tensor.acquire();
        try {
            int count = (int) tensor.elements();
            ByteBuffer to = (ByteBuffer) memory.buffer();
            ByteBuffer bytes = count == 0 ? ByteBuffer.allocate(0) : from.getByteBuffer();
            bytes.order(ByteOrder.nativeOrder());
            for (int i = 0; i < count; i++) {
                long bits = size == 2 ? bytes.getShort(2 * i) : size == 4 ? bytes.getInt(4 * i) : bytes.getLong(8 * i);
                long whole = number.applyAsLong(bits);
                if (type == DataType.INT32) {
                    to.putInt(4 * i, (int) whole);
                } else {
                    to.putLong(8 * i, whole);
                }
            }
            success = true;
            return tensor;
        } finally {
            memory.release();
            if (!success) {
                tensor.close();
            }
        }
    }
}
