package dev.cresset.spark;

import dev.cresset.Handler;
import dev.cresset.mar.ModelArchive;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;

/** Columns as the model's tensors, a request to a row: for rows that are large, or of sizes that vary. */
final class TensorRows implements RowHandler<TensorRow, Object> {
    private static final long serialVersionUID = 1;

    private final TensorColumns columns;
    /** Each of Spark's types can be serialized, though their common class does not say so. */
    @SuppressWarnings("serial")
    private final DataType type;

    /** @param type of the answers; any, for one that is only opened with */
    TensorRows(TensorColumns columns, DataType type) {
        this.columns = columns;
        this.type = type;
    }

    @Override
    public Handler<TensorRow, Object> open(Optional<ModelArchive> archive) {
        return columns.handler();
    }

    @Override
    @SuppressWarnings("NullAway") // an answer may be null: a model's None
    public TensorRow request(Row row) {
        return new TensorRow(columns.read(row), output -> OutputValues.of(output, type));
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
