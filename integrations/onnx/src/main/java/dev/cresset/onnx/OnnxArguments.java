package dev.cresset.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a call gives ONNX Runtime: tensors where they are, texts as a copy. Used by one thread, which closes it; the caller keeps
 * the tensors open until then.
 */
final class OnnxArguments implements AutoCloseable {

    private final OrtEnvironment environment;
    private final Map<String, OnnxTensor> tensors = new LinkedHashMap<>();

    private OnnxArguments(OrtEnvironment environment) {
        this.environment = environment;
    }

    /** In the order of the model's inputs. */
    static OnnxArguments of(OrtEnvironment environment, List<NodeInfo> inputs, List<Value> values) {
        if (values.size() != inputs.size()) {
            throw OnnxFailures.refused("forward takes " + inputs.size() + " arguments, there are " + values.size());
        }
        OnnxArguments arguments = new OnnxArguments(environment);
        boolean success = false;
        try {
            for (int i = 0; i < values.size(); i++) {
                arguments.add(inputs.get(i), values.get(i));
            }
            success = true;
            return arguments;
        } catch (OrtException e) {
            throw OnnxFailures.ofCall(e);
        } finally {
            if (!success) {
                arguments.close();
            }
        }
    }

    Map<String, OnnxTensor> tensors() {
        return tensors;
    }

    /** All sizes of all arguments: what the sizes of results follow from, in most models. */
    long[] sizes() {
        int count = 0;
        for (OnnxTensor tensor : tensors.values()) {
            count += tensor.getInfo().getShape().length + 1;
        }
        long[] sizes = new long[count];
        int next = 0;
        for (OnnxTensor tensor : tensors.values()) {
            long[] shape = tensor.getInfo().getShape();
            sizes[next++] = shape.length;
            System.arraycopy(shape, 0, sizes, next, shape.length);
            next += shape.length;
        }
        return sizes;
    }

    private void add(NodeInfo input, Value value) throws OrtException {
        TensorInfo wanted = (TensorInfo) input.getInfo();
        if (OnnxTypes.of(wanted).isEmpty()) {
            tensors.put(input.getName(), texts(environment, input.getName(), value));
            return;
        }
        DataType type = OnnxTypes.of(wanted).get();
        if (!(value instanceof Tensor tensor) || tensor.dataType() != type) {
            throw OnnxFailures.refused(
                    "input '" + input.getName() + "' is " + value + ", expected a tensor of " + type);
        }
        tensors.put(input.getName(), over(environment, tensor));
    }

    /** A tensor of ONNX Runtime's over the memory of one of ours, which its user keeps open. */
    static OnnxTensor over(OrtEnvironment environment, Tensor tensor) throws OrtException {
        Memory memory = tensor.acquire();
        try {
            return over(environment, tensor.dataType(), tensor.shape(), memory.buffer());
        } catch (IllegalStateException e) {
            throw OnnxFailures.refused(String.valueOf(e.getMessage()));
        } finally {
            memory.release();
        }
    }

    private static OnnxTensor over(OrtEnvironment environment, DataType type, long[] shape, Buffer memory)
            throws OrtException {
        Buffer typed = memory instanceof ByteBuffer bytes
                ? typed(type, bytes.duplicate().order(ByteOrder.nativeOrder()))
                : memory;
        if (typed instanceof FloatBuffer floats) {
            return OnnxTensor.createTensor(environment, floats, shape);
        } else if (typed instanceof DoubleBuffer doubles) {
            return OnnxTensor.createTensor(environment, doubles, shape);
        } else if (typed instanceof LongBuffer longs) {
            return OnnxTensor.createTensor(environment, longs, shape);
        } else if (typed instanceof IntBuffer ints) {
            return OnnxTensor.createTensor(environment, ints, shape);
        } else if (typed instanceof ShortBuffer shorts) {
            return OnnxTensor.createTensor(environment, shorts, shape, OnnxTypes.of(type));
        }
        return OnnxTensor.createTensor(environment, (ByteBuffer) typed, shape, OnnxTypes.of(type));
    }

    /** As the Java API counts a buffer's bytes right. */
    private static Buffer typed(DataType type, ByteBuffer bytes) {
        return switch (type) {
            case FLOAT32 -> bytes.asFloatBuffer();
            case FLOAT64 -> bytes.asDoubleBuffer();
            case FLOAT16, BFLOAT16, INT16 -> bytes.asShortBuffer();
            case INT32 -> bytes.asIntBuffer();
            case INT64 -> bytes.asLongBuffer();
            case INT8, UINT8, BOOL -> bytes;
        };
    }

    @Override
    public void close() {
        OnnxValue.close(tensors.values());
    }

    /** A tensor of texts, of nested lists. */
    private static OnnxTensor texts(OrtEnvironment environment, String input, Value value) throws OrtException {
        List<Integer> shape = new ArrayList<>();
        for (Value inner = value; inner instanceof Value.ListValue || inner instanceof Value.TupleValue; ) {
            List<Value> elements = inner.asList();
            shape.add(elements.size());
            inner = elements.isEmpty() ? Value.none() : elements.get(0);
        }
        List<String> texts = new ArrayList<>();
        collect(input, value, shape, 0, texts);
        long[] sizes = shape.stream().mapToLong(size -> size).toArray();
        return OnnxTensor.createTensor(environment, texts.toArray(new String[0]), sizes);
    }

    private static void collect(String input, Value value, List<Integer> shape, int depth, List<String> texts) {
        if (depth == shape.size()) {
            if (!(value instanceof Value.StringValue text)) {
                throw OnnxFailures.refused("input '" + input + "' is a tensor of texts, found " + value + " in it");
            }
            texts.add(text.value());
            return;
        }
        boolean isList = value instanceof Value.ListValue || value instanceof Value.TupleValue;
        if (!isList || value.asList().size() != shape.get(depth)) {
            throw OnnxFailures.refused(
                    "input '" + input + "' is a tensor of texts, whose lists have to be of one length");
        }
        value.asList().forEach(element -> collect(input, element, shape, depth + 1, texts));
    }
}
