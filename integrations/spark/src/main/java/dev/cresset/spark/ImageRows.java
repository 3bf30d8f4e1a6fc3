package dev.cresset.spark;

import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Rows that are pictures, each answered as one of the image handlers does. Immutable; travels to executors.
 *
 * @param <O> what the handler answers
 */
abstract class ImageRows<O> implements RowHandler<byte[], O> {
    private static final long serialVersionUID = 1;

    private final ContentColumn content;
    private final String type;

    /**
     * Made by the driver.
     *
     * @param type of the answer's column, as SQL says it
     */
    ImageRows(ContentColumn content, String type) {
        this.content = content;
        this.type = type;
    }

    @Override
    public final byte[] request(Row row) {
        return content.read(row);
    }

    @Override
    public final DataType answerType() {
        return StructType.fromDDL("answer " + type).apply(0).dataType();
    }
}
