package dev.cresset.spark;

import dev.cresset.Handler;
import dev.cresset.handler.ImageSegmenter;
import dev.cresset.handler.Segmentation;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.util.Optional;
import org.apache.spark.sql.RowFactory;
import scala.collection.mutable.ArraySeq;

/** Pictures, and the class of each pixel, row by row, with its probability: those of {@link ImageSegmenter}. */
final class ImageSegments extends ImageRows<Segmentation> {
    private static final long serialVersionUID = 1;

    private static final String TYPE = "struct<height:int,width:int,classes:array<int>,probabilities:array<float>>";

    ImageSegments(ContentColumn content) {
        super(content, TYPE);
    }

    @Override
    public Handler<byte[], Segmentation> open(Optional<ModelArchive> archive) throws IOException {
        return ImageSegmenter.of(RowHandlers.required(archive));
    }

    @Override
    public Object value(Segmentation answer) {
        return RowFactory.create(
                answer.height(),
                answer.width(),
                ArraySeq.make(answer.classes()),
                ArraySeq.make(answer.probabilities()));
    }
}
