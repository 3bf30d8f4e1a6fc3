package dev.cresset.spark;

import dev.cresset.Handler;
import dev.cresset.InvalidInputException;
import dev.cresset.Predictor;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.io.Serializable;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.jspecify.annotations.Nullable;

/**
 * A handler of one's own between rows and a model: what a row asks, the {@link Handler} that asks the model, and what the
 * answer is as a column.
 *
 * <pre>{@code
 * public final class Risk implements RowHandler<float[], Float> {
 *     public Handler<float[], Float> open(Optional<ModelArchive> archive) {
 *         return (row, inputs) -> {
 *             inputs.tensor(DataType.FLOAT32, row.length).copyFrom(row);
 *             return output -> output.asTensor().toFloatArray()[0];
 *         };
 *     }
 *     public float[] request(Row row) { ... }
 *     public DataType answerType() { return DataTypes.FloatType; }
 *     public Object value(Float answer) { return answer; }
 * }
 * }</pre>
 *
 * <p>It travels to the executors. All tasks of an executor share the handler that one of them has opened, and call it at once;
 * {@code request} and {@code value} are called by one thread for each copy. Two that are serialised to the same bytes are taken
 * for the same.
 *
 * @param <I> what a row asks
 * @param <O> what the model answers
 */
public interface RowHandler<I, O> extends Serializable {

    /**
     * Opens the handler, once for an executor.
     *
     * @param archive the archive; none for a model that comes without one ({@code .pt}, {@code .pt2})
     * @throws IOException if the archive lacks what the handler needs
     */
    Handler<I, O> open(Optional<ModelArchive> archive) throws IOException;

    /**
     * What a row asks.
     *
     * @throws InvalidInputException if the row is at fault; so is whatever else this throws
     */
    I request(Row row);

    /** The type of the column of answers. */
    DataType answerType();

    /** An answer as a value of that type: {@code Row} for a struct, {@code scala.collection.Seq} for an array, and so on. */
    @Nullable
    Object value(O answer);

    /** Sets what else the predictor is opened with: how the model is opened, samples to warm it up. Nothing, unless overridden. */
    default void configure(Predictor.Builder<I, O> builder) {}
}
