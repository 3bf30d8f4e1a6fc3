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
import scala.collection.mutable.ArraySeq;

/** Pictures, and what is seen in them, surest first: those of {@link ObjectDetector}. A box is in pixels. */
final class ImageDetections extends ImageRows<List<Detection>> {
    private static final long serialVersionUID = 1;

    private static final String TYPE =
            "array<struct<index:int,label:string,score:float,box:struct<left:float,top:float,right:float,bottom:float>>>";

    ImageDetections(ContentColumn content) {
        super(content, TYPE);
    }

    @Override
    public Handler<byte[], List<Detection>> open(Optional<ModelArchive> archive) throws IOException {
        return ObjectDetector.of(RowHandlers.required(archive));
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
