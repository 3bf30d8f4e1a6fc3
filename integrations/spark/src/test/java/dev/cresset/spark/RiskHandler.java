package dev.cresset.spark;

import dev.cresset.Handler;
import dev.cresset.InvalidInputException;
import dev.cresset.mar.ModelArchive;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import scala.collection.Seq;

/** A handler of a user's: a verdict beside the score. */
public final class RiskHandler implements RowHandler<float[], Float> {
    private static final long serialVersionUID = 1;

    @Override
    public Handler<float[], Float> open(Optional<ModelArchive> archive) {
        return (row, inputs) -> {
            inputs.tensor(dev.cresset.tensor.DataType.FLOAT32, row.length).copyFrom(row);
            return output -> output.asTensor().toFloatArray()[0];
        };
    }

    @Override
    public float[] request(Row row) {
        if (row.getAs("features") == null) {
            throw new InvalidInputException("nothing was measured");
        }
        Seq<Float> features = row.getSeq(row.fieldIndex("features"));
        float[] numbers = new float[features.length()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = features.apply(i);
        }
        return numbers;
    }

    @Override
    public DataType answerType() {
        return DataType.fromDDL("struct<score:float,malignant:boolean>");
    }

    @Override
    public Object value(Float answer) {
        return RowFactory.create(answer, answer > 0.5f);
    }
}
