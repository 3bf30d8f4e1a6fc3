package dev.cresset.spark;

import dev.cresset.Handler;
import dev.cresset.handler.ImageSegmenter;
import dev.cresset.handler.Segmentation;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import scala.collection.mutable.ArraySeq;

/** Pictures, and the class of each pixel, row by row, with its probability: those of {@link ImageSegmenter}. */
final class ImageSegments implements RowHandler<byte[], Segmentation> {
    private static final long serialVersionUID = 1;

    private static final String TYPE = "struct<height:int,width:int,classes:array<int>,probabilities:array<float>>";

    private final ContentColumn content;

    ImageSegments(ContentColumn content) {
        this.content = content;
    }

    @Override
    public Handler<byte[], Segmentation> open(Optional<ModelArchive> archive) throws IOException {
        return ImageSegmenter.of(ArchiveHandlers.required(archive));
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
    public Object value(Segmentation answer) {
        return RowFactory.create(
                answer.height(),
                answer.width(),
                ArraySeq.make(answer.classes()),
                ArraySeq.make(answer.probabilities()));
    }
}
