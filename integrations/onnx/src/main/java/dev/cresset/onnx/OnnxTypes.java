package dev.cresset.onnx;

import ai.onnxruntime.MapInfo;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.SequenceInfo;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.ValueInfo;
import dev.cresset.engine.EngineException;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Size;
import dev.cresset.tensor.ValueSpec;
import dev.cresset.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** ONNX's types in core's words. */
final class OnnxTypes {

    static final String FORWARD = "forward";

    private static final ValueType TENSOR = type("Tensor");
    private static final ValueType TEXT = type("str");
    private static final ValueType ANY = type("Any");

    private OnnxTypes() {}

    private static ValueType type(String name, ValueType... arguments) {
        return new ValueType(name, List.of(arguments));
    }

    /** The one method that a model of ONNX has. Several results are a dict, by their names. */
    static Signature signature(Collection<NodeInfo> inputs, Collection<NodeInfo> outputs) {
        List<Signature.Parameter> parameters = new ArrayList<>();
        for (NodeInfo input : inputs) {
            parameters.add(parameter(input));
        }
        List<ValueType> results =
                outputs.stream().map(output -> result(output.getInfo())).toList();
        ValueType one = results.stream().distinct().count() == 1 ? results.get(0) : ANY;
        ValueType result = results.size() == 1 ? one : type("Dict", TEXT, one);
        return new Signature(Map.of(FORWARD, new Signature.Method(FORWARD, parameters, result)));
    }

    private static Signature.Parameter parameter(NodeInfo input) {
        if (!(input.getInfo() instanceof TensorInfo tensor)) {
            throw unsupported("input", input, "sequences and maps can be results only");
        }
        if (tensor.type == OnnxJavaType.STRING) {
            return new Signature.Parameter(input.getName(), texts(tensor), false);
        }
        DataType dataType = of(tensor)
                .orElseThrow(() -> unsupported(
                        "input", input, "put a Cast before it, from a type that Java has, and save the model again"));
        return new Signature.Parameter(input.getName(), TENSOR, false, spec(input.getName(), dataType, tensor));
    }

    private static EngineException unsupported(String what, NodeInfo node, String wayOut) {
        String type = node.getInfo() instanceof TensorInfo tensor
                ? name(tensor)
                : result(node.getInfo()).toString();
        return new EngineException(
                EngineException.Kind.LOAD,
                "its " + what + " '" + node.getName() + "' is of type " + type
                        + ", which ONNX Runtime's Java API does not take; " + wayOut);
    }

    /** As messages call a type of elements: {@code uint16}. Some have no name in the Java API. */
    static String name(TensorInfo tensor) {
        String name = tensor.onnxType.name().substring("ONNX_TENSOR_ELEMENT_DATA_TYPE_".length());
        return name.equals("UNDEFINED") ? "unknown" : name.toLowerCase(Locale.ROOT);
    }

    /**
     * Sizes that vary are symbols, the same one for the same name. Of a tensor without a shape ONNX Runtime says the same as of a
     * scalar: nothing is known of it here.
     */
    private static ValueSpec spec(String input, DataType dataType, TensorInfo tensor) {
        long[] shape = tensor.getShape();
        if (shape.length == 0) {
            return new ValueSpec.Open();
        }
        String[] names = tensor.getDimensionNames();
        List<Size> sizes = new ArrayList<>();
        for (int i = 0; i < shape.length; i++) {
            String name = names[i] == null || names[i].isEmpty() ? input + "." + i : names[i];
            sizes.add(shape[i] >= 0 ? Size.fixed(shape[i]) : Size.symbol(name, 0, Long.MAX_VALUE, 1));
        }
        return new ValueSpec.OfTensor(dataType, sizes);
    }

    private static ValueType result(ValueInfo info) {
        if (info instanceof TensorInfo tensor) {
            return tensor.type == OnnxJavaType.STRING ? texts(tensor) : TENSOR;
        }
        if (info instanceof SequenceInfo sequence) {
            return type("List", element(sequence));
        }
        return info instanceof MapInfo map ? map(map) : ANY;
    }

    private static ValueType element(SequenceInfo sequence) {
        if (sequence.isSequenceOfMaps()) {
            return map(sequence.mapInfo);
        }
        return sequence.sequenceType == OnnxJavaType.STRING ? ANY : TENSOR;
    }

    private static ValueType map(MapInfo map) {
        return type("Dict", scalar(map.keyType), scalar(map.valueType));
    }

    private static ValueType scalar(OnnxJavaType type) {
        return switch (type) {
            case STRING -> TEXT;
            case FLOAT, DOUBLE -> type("float");
            case INT64, INT32 -> type("int");
            default -> ANY;
        };
    }

    /** A tensor of texts is a list of lists of texts; of one without a shape nothing is known. */
    private static ValueType texts(TensorInfo tensor) {
        int rank = tensor.getShape().length;
        ValueType type = rank == 0 ? ANY : TEXT;
        for (int i = 0; i < rank; i++) {
            type = type("List", type);
        }
        return type;
    }

    /** The type of elements, where core has it. */
    static Optional<DataType> of(TensorInfo tensor) {
        return Optional.ofNullable(
                switch (tensor.onnxType) {
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> DataType.FLOAT32;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> DataType.FLOAT64;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> DataType.FLOAT16;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> DataType.BFLOAT16;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> DataType.INT8;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> DataType.UINT8;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> DataType.INT16;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> DataType.INT32;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> DataType.INT64;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> DataType.BOOL;
                    default -> null;
                });
    }

    static OnnxJavaType of(DataType type) {
        return switch (type) {
            case FLOAT32 -> OnnxJavaType.FLOAT;
            case FLOAT64 -> OnnxJavaType.DOUBLE;
            case FLOAT16 -> OnnxJavaType.FLOAT16;
            case BFLOAT16 -> OnnxJavaType.BFLOAT16;
            case INT8 -> OnnxJavaType.INT8;
            case UINT8 -> OnnxJavaType.UINT8;
            case INT16 -> OnnxJavaType.INT16;
            case INT32 -> OnnxJavaType.INT32;
            case INT64 -> OnnxJavaType.INT64;
            case BOOL -> OnnxJavaType.BOOL;
        };
    }
}
