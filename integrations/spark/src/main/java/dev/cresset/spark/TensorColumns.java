package dev.cresset.spark;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.TensorSpec;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Columns as the model's tensors, in order. Several columns of single numbers go into one row of numbers where the model takes
 * one tensor. Immutable.
 */
final class TensorColumns implements Serializable {
    private static final long serialVersionUID = 1;

    /** A row's tensors; {@code together} is what they are as one row of numbers, if they can be one. */
    record Tensors(List<TensorPart.Of> parts, TensorPart.@Nullable Of together) {}

    private final InputColumn[] columns;
    private final boolean allNumbers;

    TensorColumns(StructType schema, List<String> names, Map<String, TensorSpec> specs) {
        this.columns = names.stream()
                .map(name -> InputColumn.of(schema, name, specs.get(name)))
                .toArray(InputColumn[]::new);
        this.allNumbers = columns.length > 1 && Arrays.stream(columns).allMatch(InputColumn::isNumber);
    }

    /** How many numbers a row has; none if that is not known. */
    Optional<Integer> numbers() {
        return zero().map(tensors -> tensors.parts().stream()
                .mapToInt(part -> java.lang.reflect.Array.getLength(part.array()))
                .sum());
    }

    /** A row's tensors; what is wrong with the row shows here. */
    Tensors read(Row row) {
        if (columns.length == 1) {
            return new Tensors(List.of(columns[0].read(row)), null);
        }
        List<TensorPart.Of> parts = new ArrayList<>(columns.length);
        for (InputColumn column : columns) {
            parts.add(column.read(row));
        }
        if (!allNumbers) {
            return new Tensors(parts, null);
        }
        float[] numbers = new float[columns.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = columns[i].number(row);
        }
        return new Tensors(parts, rowOf(numbers));
    }

    /** A row of zeros, if the sizes of all columns are known. */
    private Optional<Tensors> zero() {
        List<TensorPart.Of> parts = new ArrayList<>();
        for (InputColumn column : columns) {
            TensorPart.@Nullable Of part = column.example();
            if (part == null) {
                return Optional.empty();
            }
            parts.add(part);
        }
        return Optional.of(new Tensors(parts, allNumbers ? rowOf(new float[columns.length]) : null));
    }

    private static TensorPart.Of rowOf(float[] numbers) {
        return new TensorPart.Of(DataType.FLOAT32, new long[] {numbers.length}, numbers);
    }

    TensorBlock block(List<Tensors> rows, Answer<List<Object>> answer) {
        List<TensorPart.Of> parts = new ArrayList<>(columns.length);
        for (int i = 0; i < columns.length; i++) {
            int column = i;
            parts.add(TensorPart.stacked(rows, row -> row.parts().get(column)));
        }
        TensorPart.@Nullable Of together =
                allNumbers ? TensorPart.stacked(rows, row -> Objects.requireNonNull(row.together())) : null;
        return new TensorBlock(parts, together, answer);
    }

    /** Rows of zeros; only where sizes are known. */
    TensorBlock zeros(int rows, Answer<List<Object>> answer) {
        return block(Collections.nCopies(rows, zero().orElseThrow()), answer);
    }

    Optional<TensorRow> example(Answer<Object> answer) {
        return zero().map(tensors -> new TensorRow(tensors, answer));
    }

    Handler<TensorRow, Object> handler() {
        Optional<TensorRow> example = example(OutputValues::typeOf);
        return new Handler<>() {
            @Override
            public Answer<Object> preprocess(TensorRow row, Inputs inputs) {
                return row.writeTo(inputs);
            }

            @Override
            public Optional<TensorRow> example() {
                return example;
            }
        };
    }

    @Override
    public String toString() {
        return Arrays.toString(columns);
    }
}
