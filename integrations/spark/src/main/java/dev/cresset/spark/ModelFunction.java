package dev.cresset.spark;

import static java.util.Objects.requireNonNull;

import dev.cresset.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Scores the rows of a partition: each comes back with one more column, its answer, in the same order. A function for {@code
 * mapPartitions}, of datasets (streaming ones, too) and of RDDs of rows.
 *
 * <pre>{@code
 * ModelFunction score = ModelFunction.builder(ModelSource.broadcast(spark, "risk.mar"))
 *         .inputCols("features")
 *         .input("features", TensorSpec.of(DataType.FLOAT32, 30))
 *         .outputCol("risk")
 *         .build(rows.schema());
 * Dataset<Row> scored = rows.mapPartitions(score, score.encoder());
 * }</pre>
 *
 * <p>Rows go to the model in batches, a few batches at a time. The predictor is the executor's: whichever task comes first opens
 * it, on {@code spark.task.cpus} threads a call.
 *
 * <p>Immutable; made by the driver, safe for use by several threads, travels to executors.
 */
public final class ModelFunction implements MapPartitionsFunction<Row, Row>, FlatMapFunction<Iterator<Row>, Row> {
    private static final long serialVersionUID = 1;

    private final ModelOpening<?, ?> opening;
    private final RowForm form;
    private final Progress progress;

    private ModelFunction(ModelOpening<?, ?> opening, RowForm form, Progress progress) {
        this.opening = opening;
        this.form = form;
        this.progress = progress;
    }

    /** Starts from the defaults. */
    public static Builder builder(ModelSource model) {
        return new Builder(requireNonNull(model, "model"));
    }

    /** The rows that it makes: those that come in, the answers, and the errors if they are wanted. */
    public StructType schema() {
        return form.output();
    }

    /** For {@code mapPartitions}: rows of {@link #schema}. */
    public Encoder<Row> encoder() {
        return Encoders.row(schema());
    }

    /** {@code rows.mapPartitions(this, encoder())}. */
    public Dataset<Row> apply(Dataset<Row> rows) {
        return rows.mapPartitions((MapPartitionsFunction<Row, Row>) this, encoder());
    }

    /**
     * Called by Spark.
     *
     * @throws InterruptedException if the task is killed while it waits for the model
     */
    @Override
    public Iterator<Row> call(Iterator<Row> rows) throws InterruptedException {
        return call(opening, rows);
    }

    private <I, O> Iterator<Row> call(ModelOpening<I, O> model, Iterator<Row> rows) throws InterruptedException {
        return ScoredRows.open(model, rows, form, progress);
    }

    Progress progress() {
        return progress;
    }

    @Override
    public String toString() {
        return "scores with " + opening.model();
    }

    /** Collects what a function is made with. Not safe for use by several threads. */
    public static final class Builder {
        private final ModelSource model;
        private final Map<String, TensorSpec> specs = new LinkedHashMap<>();
        private List<String> inputCols = List.of();
        private String outputCol = "prediction";
        private @Nullable String errorCol;
        private @Nullable DataType outputType;
        private @Nullable RowHandler<?, ?> handler;
        private HandleInvalid handleInvalid = HandleInvalid.ERROR;
        private int batchSize = 64;

        private Builder(ModelSource model) {
            this.model = model;
        }

        /**
         * The columns that the model is asked. One of binary or text goes to the archive's own handler; numbers, arrays of them
         * and vectors become the model's tensors, in order, a column each; and where the model takes one tensor, columns of
         * single numbers become one row of numbers.
         */
        public Builder inputCols(String... names) {
            this.inputCols = List.of(names);
            return this;
        }

        /**
         * What tensor a column becomes, without the dimension that counts rows: type, and sizes, of which {@link
         * TensorSpec#ANY} are free. Without it, whole numbers become int64, booleans bool, all others float32, in whatever
         * sizes they come. Where all sizes are known, the type of the answers is found by asking the model, and the fastest
         * way to compute it, too.
         */
        public Builder input(String column, TensorSpec spec) {
            specs.put(requireNonNull(column, "column"), requireNonNull(spec, "spec"));
            return this;
        }

        /** The column of answers; {@code prediction} unless set. */
        public Builder outputCol(String name) {
            this.outputCol = requireNonNull(name, "name");
            return this;
        }

        /**
         * The type of the answers, as in SQL: {@code array<float>}, {@code struct<label:string,score:double>}. The JSON of an
         * archive's handler needs it; tensors only where the sizes of inputs are not known.
         */
        public Builder outputType(String ddl) {
            return outputType(DataType.fromDDL(requireNonNull(ddl, "ddl")));
        }

        /** The type of the answers; see {@link #outputType(String)}. */
        public Builder outputType(DataType type) {
            this.outputType = requireNonNull(type, "type");
            return this;
        }

        /** A handler of one's own, instead of what {@link #inputCols} and {@link #outputType} say. */
        public Builder handler(RowHandler<?, ?> rowHandler) {
            this.handler = requireNonNull(rowHandler, "rowHandler");
            return this;
        }

        /** What becomes of a row that cannot be scored; {@link HandleInvalid#ERROR} unless set. */
        public Builder handleInvalid(HandleInvalid policy) {
            this.handleInvalid = requireNonNull(policy, "policy");
            return this;
        }

        /** A column that says why a row has no answer; null for those that have one. None unless set. */
        public Builder errorCol(String name) {
            this.errorCol = requireNonNull(name, "name");
            return this;
        }

        /** How many rows go to the model together at most, and no more than pays; 64 unless set. */
        public Builder batchSize(int rows) {
            if (rows < 1) {
                throw new IllegalArgumentException("batchSize is " + rows + ", it must be at least 1");
            }
            this.batchSize = rows;
            return this;
        }

        /**
         * Opens the model in this JVM, to see that it can be, and makes a function for rows of this schema. The session that is
         * active gets accumulators for its progress.
         *
         * @throws IllegalArgumentException if columns are missing or of a type that the model cannot be asked, or if the type of
         *     the answers cannot be known
         * @throws UncheckedIOException if the model cannot be read
         * @throws RuntimeException if it cannot be opened; the message says why
         */
        public ModelFunction build(StructType schema) {
            for (String name : inputCols) {
                if (!Arrays.asList(schema.fieldNames()).contains(name)) {
                    throw new IllegalArgumentException("there is no column '" + name + "' to ask " + model.name()
                            + " with, only " + String.join(", ", schema.fieldNames()));
                }
            }
            specs.keySet().stream()
                    .filter(name -> !inputCols.contains(name))
                    .findFirst()
                    .ifPresent(name -> {
                        throw new IllegalArgumentException(
                                "input is set for column '" + name + "', which is none of inputCols: " + inputCols);
                    });
            ModelOpening<?, ?> opening = opening(schema);
            RowForm form = RowForm.of(schema, outputCol, opening.handler().answerType(), errorCol, handleInvalid);
            Progress progress = new Progress(SparkSession.active().sparkContext(), model.name());
            return new ModelFunction(opening, form, progress);
        }

        private ModelOpening<?, ?> opening(StructType schema) {
            if (handler != null) {
                return opened(new ModelOpening<>(model, handler, batchSize));
            }
            if (inputCols.isEmpty()) {
                throw new IllegalArgumentException(
                        "inputCols is not set: which columns is " + model.name() + " asked?");
            }
            StructField first = schema.apply(schema.fieldIndex(inputCols.get(0)));
            if (inputCols.size() == 1 && specs.isEmpty() && ContentColumn.isOne(first.dataType())) {
                try {
                    ContentColumn content = ContentColumn.of(schema, first.name());
                    return opened(new ModelOpening<>(model, RowHandlers.of(model, content, outputType), batchSize));
                } catch (IOException e) {
                    throw new UncheckedIOException(e.getMessage(), e);
                }
            }
            return new TensorOpening(model, new TensorColumns(schema, inputCols, specs), batchSize).open(outputType);
        }

        private static <I, O> ModelOpening<I, O> opened(ModelOpening<I, O> opening) {
            Trial.of(opening, predictor -> true);
            return opening;
        }
    }
}
