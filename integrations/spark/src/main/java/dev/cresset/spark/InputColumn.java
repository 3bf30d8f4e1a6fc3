package dev.cresset.spark;

import static java.util.Objects.requireNonNull;

import dev.cresset.InvalidInputException;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.TensorSpec;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.collection.mutable.ArraySeq;

/**
 * A column that becomes a tensor: a number one without dimensions, an array or a vector one of as many dimensions as it is
 * nested. Whole numbers become int64, booleans bool, all others float32, unless the caller has said otherwise. Immutable.
 */
final class InputColumn implements Serializable {
    private static final long serialVersionUID = 1;

    private final String name;
    private final int index;
    private final DataType type;
    private final int rank;
    private final long @Nullable [] sizes; // null if any will do; with -1 for one that may vary

    private InputColumn(String name, int index, DataType type, int rank, long @Nullable [] sizes) {
        this.name = name;
        this.index = index;
        this.type = type;
        this.rank = rank;
        this.sizes = sizes;
    }

    /** @param spec what the caller says of it; null for nothing */
    static InputColumn of(StructType schema, String name, @Nullable TensorSpec spec) {
        int index = schema.fieldIndex(name);
        StructField field = schema.apply(index);
        int rank = rank(field.dataType());
        DataType natural = natural(field.name(), field.dataType());
        if (spec == null) {
            return new InputColumn(name, index, natural, rank, knownSizes(field, rank));
        }
        if (spec.dataType() == DataType.FLOAT16 || spec.dataType() == DataType.BFLOAT16) {
            throw new IllegalArgumentException("column '" + name + "' cannot become " + spec.dataType()
                    + "; a model that takes it needs a RowHandler");
        }
        return new InputColumn(name, index, spec.dataType(), rank, spec.shape());
    }

    String name() {
        return name;
    }

    boolean isNumber() {
        return rank == 0;
    }

    /** A tensor of zeros such as the column's are; null if their sizes are not known. */
    TensorPart.@Nullable Of example() {
        if (sizes == null || Arrays.stream(sizes).anyMatch(size -> size < 0)) {
            return null;
        }
        int elements = 1;
        for (long size : sizes) {
            elements = Math.multiplyExact(elements, Math.toIntExact(size));
        }
        return new TensorPart.Of(type, sizes, TensorPart.zeros(type, elements));
    }

    /** A row's tensor; its numbers are copied. */
    TensorPart.Of read(Row row) {
        Object value = row.get(index);
        if (value == null) {
            throw new InvalidInputException("column '" + name + "' is null");
        }
        TensorPart.Of part = rank == 0 ? scalar(value) : array(value);
        if (sizes != null && !fits(sizes, part.shape())) {
            throw new InvalidInputException("column '" + name + "' has shape " + Arrays.toString(part.shape())
                    + ", expected " + TensorSpec.of(type, sizes));
        }
        return part;
    }

    /** A row's number, for one that goes into one tensor with others. */
    float number(Row row) {
        Object value = row.get(index);
        if (value == null) {
            throw new InvalidInputException("column '" + name + "' is null");
        }
        return value instanceof Boolean truth ? (truth ? 1 : 0) : ((Number) value).floatValue();
    }

    private TensorPart.Of scalar(Object value) {
        Object one = TensorPart.zeros(type, 1);
        TensorPart.set(one, 0, value, name);
        return new TensorPart.Of(type, new long[0], one);
    }

    private TensorPart.Of array(Object value) {
        if (value instanceof Vector vector) {
            return doubles(vector.toArray());
        }
        if (value instanceof byte[] bytes && type == DataType.UINT8) {
            long[] shape =
                    sizes == null || Arrays.stream(sizes).anyMatch(s -> s < 0) ? new long[] {bytes.length} : sizes;
            if (elements(shape) != bytes.length) {
                throw new InvalidInputException("column '" + name + "' has " + bytes.length + " bytes, expected "
                        + elements(shape) + " for shape " + Arrays.toString(shape));
            }
            return new TensorPart.Of(type, shape, bytes);
        }
        long[] shape = new long[rank];
        @Nullable Object level = value;
        for (int i = 0; i < rank; i++) {
            int length = length(level);
            shape[i] = length;
            if (i + 1 < rank) {
                if (length == 0) {
                    throw new InvalidInputException("column '" + name + "' has an empty array in it");
                }
                level = element(level, 0);
            }
        }
        Object target = TensorPart.zeros(type, Math.toIntExact(elements(shape)));
        fill(value, shape, 0, target, 0);
        return new TensorPart.Of(type, shape, target);
    }

    private TensorPart.Of doubles(double[] values) {
        Object target = TensorPart.zeros(type, values.length);
        for (int i = 0; i < values.length; i++) {
            TensorPart.set(target, i, values[i], name);
        }
        return new TensorPart.Of(type, new long[] {values.length}, target);
    }

    private int fill(@Nullable Object level, long[] shape, int depth, Object target, int start) {
        int length = length(level);
        if (length != shape[depth]) {
            throw new InvalidInputException("column '" + name + "' has arrays of " + shape[depth] + " and of " + length
                    + " elements side by side");
        }
        int at = start;
        if (depth + 1 == shape.length) {
            if (target instanceof float[] floats
                    && level instanceof ArraySeq<?> seq
                    && seq.array() instanceof Object[] boxed) {
                return floats(boxed, floats, at);
            }
            for (int i = 0; i < length; i++) {
                TensorPart.set(target, at++, element(level, i), name);
            }
            return at;
        }
        for (int i = 0; i < length; i++) {
            at = fill(element(level, i), shape, depth + 1, target, at);
        }
        return at;
    }

    /** Hot path: a row of numbers as Spark gives it. */
    private int floats(Object[] boxed, float[] target, int start) {
        int at = start;
        for (Object one : boxed) {
            if (one instanceof Float number) {
                target[at++] = number;
            } else {
                TensorPart.set(target, at++, one, name);
            }
        }
        return at;
    }

    private int length(@Nullable Object level) {
        if (level instanceof scala.collection.Seq<?> seq) {
            return seq.length();
        }
        if (level instanceof List<?> list) {
            return list.size();
        }
        if (level == null) {
            throw new InvalidInputException("column '" + name + "' has a null in it");
        }
        if (level.getClass().isArray()) {
            return java.lang.reflect.Array.getLength(level);
        }
        throw new InvalidInputException("column '" + name + "' has a "
                + level.getClass().getSimpleName() + ", expected an array of " + rank + " dimensions");
    }

    private @Nullable Object element(@Nullable Object level, int i) {
        if (level instanceof scala.collection.Seq<?> seq) {
            return seq.apply(i);
        }
        return level instanceof List<?> list ? list.get(i) : java.lang.reflect.Array.get(requireNonNull(level), i);
    }

    private static boolean fits(long[] sizes, long[] shape) {
        boolean fits = sizes.length == shape.length;
        for (int i = 0; fits && i < sizes.length; i++) {
            fits = sizes[i] == TensorSpec.ANY || sizes[i] == shape[i];
        }
        return fits;
    }

    private static long elements(long[] shape) {
        long product = 1;
        for (long size : shape) {
            product = Math.multiplyExact(product, size);
        }
        return product;
    }

    private static int rank(org.apache.spark.sql.types.DataType type) {
        if (type instanceof ArrayType array) {
            return 1 + rank(array.elementType());
        }
        return type.equals(SQLDataTypes.VectorType()) || type instanceof BinaryType ? 1 : 0;
    }

    private static DataType natural(String name, org.apache.spark.sql.types.DataType type) {
        if (type instanceof ArrayType array) {
            return natural(name, array.elementType());
        }
        if (type instanceof FloatType
                || type instanceof DoubleType
                || type instanceof DecimalType
                || type.equals(SQLDataTypes.VectorType())) {
            return DataType.FLOAT32;
        }
        if (type instanceof ByteType
                || type instanceof ShortType
                || type instanceof IntegerType
                || type instanceof LongType) {
            return DataType.INT64;
        }
        if (type instanceof BooleanType) {
            return DataType.BOOL;
        }
        if (type instanceof BinaryType) {
            return DataType.UINT8;
        }
        throw new IllegalArgumentException("column '" + name + "' is of type " + type.simpleString()
                + ", which becomes no tensor; take numbers, arrays of them, vectors or binary, or write a RowHandler");
    }

    /** A vector's size stands in its column's metadata, if a VectorAssembler has made it. */
    private static long @Nullable [] knownSizes(StructField field, int rank) {
        if (rank == 0) {
            return new long[0];
        }
        if (!field.dataType().equals(SQLDataTypes.VectorType())) {
            return null;
        }
        int size = AttributeGroup.fromStructField(field).size();
        return size > 0 ? new long[] {size} : null;
    }

    @Override
    public String toString() {
        return name;
    }
}
