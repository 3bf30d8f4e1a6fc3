package dev.cresset.spark;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/** What a model gives for a block of rows, row by row. */
final class OutputRows {

    private OutputRows() {}

    /** The type of a row's answer; null if the output does not hold so many rows. */
    static @Nullable DataType typeOf(Value output, int rows) {
        return holds(output, rows) ? OutputValues.typeOf(row(output, rows, 0)) : null;
    }

    /** The answers of a block. Hot path for a number a row. */
    @SuppressWarnings("NullAway") // an answer may be null: a model's None
    static List<Object> of(Value output, int rows, DataType type) {
        if (!holds(output, rows)) {
            throw new IllegalArgumentException("the model answers " + rows + " rows with " + output);
        }
        List<Object> answers = new ArrayList<>(rows);
        if (output instanceof Tensor tensor
                && tensor.dataType() == dev.cresset.tensor.DataType.FLOAT32
                && tensor.elements() == rows
                && type.equals(DataTypes.FloatType)) {
            for (float number : tensor.toFloatArray()) {
                answers.add(number);
            }
            return answers;
        }
        for (int i = 0; i < rows; i++) {
            answers.add(OutputValues.of(row(output, rows, i), type));
        }
        return answers;
    }

    private static boolean holds(Value output, int rows) {
        if (output instanceof Tensor tensor) {
            long[] shape = tensor.shape();
            return shape.length > 0 && shape[0] == rows;
        }
        if (output instanceof Value.TupleValue tuple) {
            return tuple.asList().stream().allMatch(one -> holds(one, rows));
        }
        return output instanceof Value.DictValue dict
                && dict.entries().values().stream().allMatch(one -> holds(one, rows));
    }

    private static Value row(Value output, int rows, int index) {
        if (output instanceof Tensor tensor) {
            long[] shape = tensor.shape();
            long step = tensor.elements() / rows;
            return tensor.lendPart(index * step, Arrays.copyOfRange(shape, 1, shape.length));
        }
        if (output instanceof Value.TupleValue tuple) {
            return Value.tuple(
                    tuple.asList().stream().map(one -> row(one, rows, index)).toArray(Value[]::new));
        }
        Map<Value, Value> entries = new LinkedHashMap<>();
        ((Value.DictValue) output).entries().forEach((key, value) -> entries.put(key, row(value, rows, index)));
        return new Value.DictValue(entries);
    }
}
