package dev.cresset.spark;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.collection.mutable.ArraySeq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What a model gives for one row, as a column: a tensor is a number, or arrays as deep as it has dimensions; a tuple a struct of
 * {@code _1}, {@code _2} and so on; a dict with names a struct of them; a list an array.
 */
final class OutputValues {

    private OutputValues() {}

    /** The type of the column that such outputs make. */
    static DataType typeOf(Value output) {
        if (output instanceof Tensor tensor) {
            DataType type = elementType(tensor.dataType());
            for (int i = 0; i < tensor.shape().length; i++) {
                type = DataTypes.createArrayType(type, /* containsNull= */ false);
            }
            return type;
        }
        if (output instanceof Value.TupleValue tuple) {
            List<StructField> fields = new ArrayList<>();
            for (Value element : tuple.asList()) {
                fields.add(DataTypes.createStructField("_" + (fields.size() + 1), typeOf(element), true));
            }
            return DataTypes.createStructType(fields);
        }
        if (output instanceof Value.ListValue list && !list.asList().isEmpty()) {
            return DataTypes.createArrayType(typeOf(list.asList().get(0)), /* containsNull= */ false);
        }
        if (output instanceof Value.DictValue dict) {
            List<StructField> fields = new ArrayList<>();
            dict.entries()
                    .forEach((key, value) -> fields.add(DataTypes.createStructField(nameOf(key), typeOf(value), true)));
            return DataTypes.createStructType(fields);
        }
        if (output instanceof Value.StringValue) {
            return DataTypes.StringType;
        }
        if (output instanceof Value.IntValue) {
            return DataTypes.LongType;
        }
        if (output instanceof Value.FloatValue) {
            return DataTypes.DoubleType;
        }
        if (output instanceof Value.BoolValue) {
            return DataTypes.BooleanType;
        }
        throw new IllegalArgumentException(
                "the model answers with " + output + ", of which no column's type is known; say it with outputType");
    }

    /** An output as a value of a column of that type. Hot path for a tensor of one number. */
    static @Nullable Object of(Value output, DataType type) {
        if (output instanceof Tensor tensor) {
            return ofTensor(tensor, type);
        }
        if (output.isNone()) {
            return null;
        }
        if (output instanceof Value.DictValue dict) {
            return ofDict(dict, type);
        }
        if (output instanceof Value.TupleValue || output instanceof Value.ListValue) {
            return ofElements(output.asList(), type, output);
        }
        if (output instanceof Value.StringValue && type.equals(DataTypes.StringType)) {
            return output.asString();
        }
        if (output instanceof Value.IntValue whole) {
            return number(whole.value(), type, output);
        }
        if (output instanceof Value.FloatValue real) {
            return number(real.value(), type, output);
        }
        if (output instanceof Value.BoolValue truth && type.equals(DataTypes.BooleanType)) {
            return truth.value();
        }
        throw unlike(output, type);
    }

    private static Object ofTensor(Tensor tensor, DataType type) {
        long[] shape = tensor.shape();
        if (type instanceof ArrayType) {
            return nested(flat(tensor), shape, 0, 0, type, tensor);
        }
        if (tensor.elements() != 1) {
            throw unlike(tensor, type);
        }
        return element(flat(tensor), 0, type, tensor);
    }

    private static Object flat(Tensor tensor) {
        return switch (tensor.dataType()) {
            case FLOAT32, FLOAT16, BFLOAT16 -> tensor.toFloatArray();
            case FLOAT64 -> tensor.toDoubleArray();
            case INT64 -> tensor.toLongArray();
            case INT32 -> tensor.toIntArray();
            case INT16 -> tensor.toShortArray();
            case INT8 -> tensor.toByteArray();
            case UINT8 -> unsigned(tensor.toByteArray());
            case BOOL -> tensor.toBooleanArray();
        };
    }

    private static short[] unsigned(byte[] bytes) {
        short[] numbers = new short[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            numbers[i] = (short) (bytes[i] & 0xff);
        }
        return numbers;
    }

    private static Object nested(Object flat, long[] shape, int depth, int start, DataType type, Tensor tensor) {
        if (!(type instanceof ArrayType array) || depth >= shape.length) {
            throw unlike(tensor, type);
        }
        int length = Math.toIntExact(shape[depth]);
        DataType below = array.elementType();
        if (depth + 1 == shape.length) {
            if (shape.length == 1 && below.equals(elementType(tensor.dataType()))) {
                return ArraySeq.make(flat);
            }
            Object[] elements = new Object[length];
            for (int i = 0; i < length; i++) {
                elements[i] = element(flat, start + i, below, tensor);
            }
            return ArraySeq.make(elements);
        }
        int step = 1;
        for (int i = depth + 1; i < shape.length; i++) {
            step *= Math.toIntExact(shape[i]);
        }
        Object[] elements = new Object[length];
        for (int i = 0; i < length; i++) {
            elements[i] = nested(flat, shape, depth + 1, start + i * step, below, tensor);
        }
        return ArraySeq.make(elements);
    }

    private static Object element(Object flat, int index, DataType type, Tensor tensor) {
        if (flat instanceof float[] floats) {
            return type.equals(DataTypes.FloatType) ? (Object) floats[index] : number(floats[index], type, tensor);
        }
        if (flat instanceof boolean[] truths && type.equals(DataTypes.BooleanType)) {
            return truths[index];
        }
        if (java.lang.reflect.Array.get(flat, index) instanceof Number number) {
            return number(number, type, tensor);
        }
        throw unlike(tensor, type);
    }

    private static Object number(Number number, DataType type, Value output) {
        if (type.equals(DataTypes.FloatType)) {
            return number.floatValue();
        }
        if (type.equals(DataTypes.DoubleType)) {
            return number.doubleValue();
        }
        boolean whole = !(number instanceof Float || number instanceof Double);
        if (whole && type.equals(DataTypes.LongType)) {
            return number.longValue();
        }
        if (whole && type.equals(DataTypes.IntegerType)) {
            return Math.toIntExact(number.longValue());
        }
        if (whole && type.equals(DataTypes.ShortType)) {
            return number.shortValue();
        }
        if (whole && type.equals(DataTypes.ByteType)) {
            return number.byteValue();
        }
        throw unlike(output, type);
    }

    private static Object ofElements(List<Value> elements, DataType type, Value output) {
        if (type instanceof StructType struct && struct.fields().length == elements.size()) {
            @Nullable Object[] values = new @Nullable Object[elements.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = of(elements.get(i), struct.apply(i).dataType());
            }
            return RowFactory.create(values);
        }
        if (type instanceof ArrayType array) {
            @Nullable Object[] values = new @Nullable Object[elements.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = of(elements.get(i), array.elementType());
            }
            return ArraySeq.make(values);
        }
        if (elements.size() == 1) {
            Object only = of(elements.get(0), type);
            if (only != null) {
                return only;
            }
        }
        throw unlike(output, type);
    }

    private static Object ofDict(Value.DictValue dict, DataType type) {
        if (type instanceof StructType struct) {
            Map<String, Value> byName = new LinkedHashMap<>();
            dict.entries().forEach((key, value) -> byName.put(nameOf(key), value));
            @Nullable Object[] values = new @Nullable Object[struct.fields().length];
            for (int i = 0; i < values.length; i++) {
                Value value = byName.get(struct.apply(i).name());
                if (value == null) {
                    throw unlike(dict, type);
                }
                values[i] = of(value, struct.apply(i).dataType());
            }
            return RowFactory.create(values);
        }
        if (type instanceof MapType map && map.keyType().equals(DataTypes.StringType)) {
            Map<String, @Nullable Object> values = new LinkedHashMap<>();
            dict.entries().forEach((key, value) -> values.put(nameOf(key), of(value, map.valueType())));
            return CollectionConverters.asScala(values);
        }
        throw unlike(dict, type);
    }

    private static String nameOf(Value key) {
        return key instanceof Value.StringValue ? key.asString() : key.toString();
    }

    private static DataType elementType(dev.cresset.tensor.DataType type) {
        return switch (type) {
            case FLOAT32, FLOAT16, BFLOAT16 -> DataTypes.FloatType;
            case FLOAT64 -> DataTypes.DoubleType;
            case INT64 -> DataTypes.LongType;
            case INT32 -> DataTypes.IntegerType;
            case INT16, UINT8 -> DataTypes.ShortType;
            case INT8 -> DataTypes.ByteType;
            case BOOL -> DataTypes.BooleanType;
        };
    }

    private static IllegalArgumentException unlike(Value output, DataType type) {
        String text = output.toString();
        return new IllegalArgumentException("the model answers with "
                + (text.length() > 200 ? text.substring(0, 200) + "..." : text) + ", which is no " + type.simpleString()
                + "; say what it is with outputType");
    }
}
