package dev.cresset.spark;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.mar.ModelArchive;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;

/**
 * Columns as the model's tensors, a block of rows to a request. For rows of few numbers, of which all sizes are known: there a
 * request of its own for each row would take longer than the model does. A block that fails is asked again row by row.
 */
final class TensorBlocks implements RowHandler<TensorBlock, List<Object>> {
    private static final long serialVersionUID = 1;

    private final TensorColumns columns;
    private final int blockSize;
    /** Each of Spark's types can be serialized, though their common class does not say so. */
    @SuppressWarnings("serial")
    private final DataType type;

    /** @param type of the answers; any, for one that is only opened with */
    TensorBlocks(TensorColumns columns, int blockSize, DataType type) {
        this.columns = columns;
        this.blockSize = blockSize;
        this.type = type;
    }

    /** How many rows a block has at most. */
    int blockSize() {
        return blockSize;
    }

    @Override
    public Handler<TensorBlock, List<Object>> open(Optional<ModelArchive> archive) {
        TensorBlock example = example(blockSize, output -> List.of());
        return new Handler<>() {
            @Override
            public Answer<List<Object>> preprocess(TensorBlock block, Inputs inputs) {
                return block.writeTo(inputs);
            }

            @Override
            public Optional<TensorBlock> example() {
                return Optional.of(example);
            }

            @Override
            public boolean isBatched() {
                return false; // a block counts its rows itself
            }
        };
    }

    /** Rows of zeros. */
    TensorBlock example(int rows, Answer<List<Object>> answer) {
        return columns.zeros(rows, answer);
    }

    /** The rows' tensors, side by side. */
    TensorBlock block(List<TensorColumns.Tensors> rows) {
        return columns.block(rows, output -> OutputRows.of(output, rows.size(), type));
    }

    /** A row's tensors; what is wrong with the row shows here. */
    TensorColumns.Tensors read(Row row) {
        return columns.read(row);
    }

    @Override
    public TensorBlock request(Row row) {
        return block(List.of(read(row)));
    }

    @Override
    public DataType answerType() {
        return type;
    }

    @Override
    public Object value(List<Object> answer) {
        return answer.get(0);
    }
}
