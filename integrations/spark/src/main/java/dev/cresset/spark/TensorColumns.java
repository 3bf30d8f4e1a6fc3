package dev.cresset.spark;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Columns as the model's tensors, in order, and its output as it is. Several columns of single numbers go into one row of numbers
 * where the model takes one tensor.
 */
final class TensorColumns implements RowHandler<TensorRow, Object> {
    private static final long serialVersionUID = 1;

    private final InputColumn[] columns;
    private final boolean allNumbers;

    TensorColumns(StructType schema, List<String> names, Map<String, TensorSpec> specs) {
        this.columns = names.stream()
                .map(name -> InputColumn.of(schema, name, specs.get(name)))
                .toArray(InputColumn[]::new);
        this.allNumbers = columns.length > 1 && List.of(columns).stream().allMatch(InputColumn::isNumber);
    }

    @Override
    public Handler<TensorRow, Object> open(Optional<ModelArchive> archive) {
        Optional<TensorRow> example = example(OutputValues::typeOf);
        return new Handler<>() {
            @Override
            public Answer<Object> preprocess(TensorRow row, dev.cresset.Inputs inputs) {
                row.writeTo(inputs);
                return row.answer();
            }

            @Override
            public Optional<TensorRow> example() {
                return example;
            }
        };
    }

    /** A row of zeros, if the sizes of all columns are known. */
    Optional<TensorRow> example(Answer<Object> answer) {
        List<TensorPart.Of> parts = new ArrayList<>();
        for (InputColumn column : columns) {
            TensorPart.@Nullable Of part = column.example();
            if (part == null) {
                return Optional.empty();
            }
            parts.add(part);
        }
        return Optional.of(
                allNumbers ? numbers(new float[columns.length], parts, answer) : new TensorRow.Several(parts, answer));
    }

    /** As they are given to the model. */
    TensorRow request(Row row, Answer<Object> answer) {
        List<TensorPart.Of> parts = new ArrayList<>(columns.length);
        for (InputColumn column : columns) {
            parts.add(column.read(row));
        }
        if (!allNumbers) {
            return new TensorRow.Several(parts, answer);
        }
        float[] together = new float[columns.length];
        for (int i = 0; i < columns.length; i++) {
            together[i] = columns[i].number(row);
        }
        return numbers(together, parts, answer);
    }

    private static TensorRow numbers(float[] together, List<TensorPart.Of> parts, Answer<Object> answer) {
        TensorPart.Of one =
                new TensorPart.Of(dev.cresset.tensor.DataType.FLOAT32, new long[] {together.length}, together);
        return new TensorRow.Numbers(one, parts, answer);
    }

    @Override
    public TensorRow request(Row row) {
        throw new IllegalStateException("the type of the answers is not known yet");
    }

    @Override
    public DataType answerType() {
        throw new IllegalStateException("the type of the answers is not known yet");
    }

    @Override
    public Object value(Object answer) {
        return answer;
    }

    /** The same columns, with answers of a type. */
    RowHandler<TensorRow, Object> answering(DataType type) {
        return new Typed(this, type);
    }

    private static final class Typed implements RowHandler<TensorRow, Object> {
        private static final long serialVersionUID = 1;

        private final TensorColumns columns;
        private final DataType type;

        Typed(TensorColumns columns, DataType type) {
            this.columns = columns;
            this.type = type;
        }

        @Override
        public Handler<TensorRow, Object> open(Optional<ModelArchive> archive) {
            return columns.open(archive);
        }

        @Override
        public TensorRow request(Row row) {
            return columns.request(row, output -> OutputValues.of(output, type));
        }

        @Override
        public DataType answerType() {
            return type;
        }

        @Override
        public Object value(Object answer) {
            return answer;
        }
    }
}
