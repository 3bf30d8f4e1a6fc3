package dev.cresset.spark;

import dev.cresset.InferenceException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/** How a model of tensors is asked, row by row or in blocks, and what it answers: found by asking it on the driver. */
final class TensorOpening {

    /** Above, a row takes the model so long that a request of its own does not matter. */
    private static final int MOST_NUMBERS_IN_BLOCKS = 4_096;

    private final ModelSource model;
    private final TensorColumns columns;
    private final int batchSize;

    TensorOpening(ModelSource model, TensorColumns columns, int batchSize) {
        this.model = model;
        this.columns = columns;
        this.batchSize = batchSize;
    }

    /** @param said what the caller says of the answers; null for nothing */
    ModelOpening<?, ?> open(@Nullable DataType said) {
        Optional<Integer> numbers = columns.numbers();
        if (batchSize > 1 && numbers.isPresent() && numbers.get() <= MOST_NUMBERS_IN_BLOCKS) {
            TensorBlocks blocks = new TensorBlocks(columns, batchSize, DataTypes.NullType);
            ModelOpening<TensorBlock, List<Object>> opening = new ModelOpening<>(model, blocks, batchSize);
            Optional<DataType> type = inBlocks(blocks, opening, said);
            if (type.isPresent()) {
                return opening.with(new TensorBlocks(columns, batchSize, type.get()));
            }
        }
        ModelOpening<TensorRow, Object> opening =
                new ModelOpening<>(model, new TensorRows(columns, DataTypes.NullType), batchSize);
        return opening.with(new TensorRows(columns, said == null ? learned(opening) : checked(opening, said)));
    }

    /** The type of the answers; none if the model does not answer a block with as many rows. */
    private static Optional<DataType> inBlocks(
            TensorBlocks blocks, ModelOpening<TensorBlock, List<Object>> opening, @Nullable DataType said) {
        int rows = blocks.blockSize();
        return Trial.of(opening, predictor -> {
            try {
                TensorBlock question = blocks.example(rows, output -> {
                    DataType found = OutputRows.typeOf(output, rows);
                    return found == null ? List.of() : List.of(found);
                });
                List<Object> found = predictor.predict(question);
                if (found.isEmpty()) {
                    return Optional.empty();
                }
                if (said != null) {
                    predictor.predict(blocks.example(rows, output -> OutputRows.of(output, rows, said)));
                }
                return Optional.of(said == null ? (DataType) found.get(0) : said);
            } catch (InferenceException e) {
                return Optional.empty(); // asked row by row, it says what is wrong
            }
        });
    }

    private DataType learned(ModelOpening<TensorRow, Object> opening) {
        TensorRow example = columns.example(OutputValues::typeOf)
                .orElseThrow(() -> new IllegalArgumentException("the type of " + model.name()
                        + "'s answers is not known: say it with outputType, or the sizes of " + columns
                        + " with input or inputSpecs, and the model is asked"));
        return Trial.of(opening, predictor -> (DataType) predictor.predict(example));
    }

    private DataType checked(ModelOpening<TensorRow, Object> opening, DataType said) {
        return Trial.of(opening, predictor -> {
            columns.example(output -> String.valueOf(OutputValues.of(output, said)))
                    .ifPresent(predictor::predict);
            return said;
        });
    }
}
