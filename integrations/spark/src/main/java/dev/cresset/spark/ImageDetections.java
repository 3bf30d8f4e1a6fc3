package dev.cresset.spark;

import dev.cresset.Handler;
import dev.cresset.handler.Detection;
import dev.cresset.handler.ObjectDetector;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import scala.collection.mutable.ArraySeq;

/** Pictures, and what is seen in them, surest first: those of {@link ObjectDetector}. A box is in pixels. */
final class ImageDetections implements RowHandler<byte[], List<Detection>> {
    private static final long serialVersionUID = 1;

    private static final String TYPE =
            "array<struct<index:int,label:string,score:float,box:struct<left:float,top:float,right:float,bottom:float>>>";

    private final ContentColumn content;

    ImageDetections(ContentColumn content) {
        this.content = content;
    }

    @Override
    public Handler<byte[], List<Detection>> open(Optional<ModelArchive> archive) throws IOException {
        return ObjectDetector.of(ArchiveHandlers.required(archive));
    }

    @Override
    public byte[] request(Row row) {
        return content.read(row);
    }

    @Override
    public DataType answerType() {
        return StructType.fromDDL("answer " + TYPE).apply(0).dataType();
    }

    @Override
    public Object value(List<Detection> answer) {
        return ArraySeq.make(answer.stream()
                .map(one -> RowFactory.create(one.index(), one.label(), one.score(), box(one.box())))
                .toArray());
    }

    private static Row box(Detection.Box box) {
        return RowFactory.create(box.left(), box.top(), box.right(), box.bottom());
    }
}
