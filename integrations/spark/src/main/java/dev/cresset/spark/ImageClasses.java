package dev.cresset.spark;

import dev.cresset.Handler;
import dev.cresset.handler.Classification;
import dev.cresset.handler.ImageClassifier;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.RowFactory;
import scala.collection.mutable.ArraySeq;

/** Pictures, and their likeliest classes: those of {@link ImageClassifier}, likeliest first. */
final class ImageClasses extends ImageRows<List<Classification>> {
    private static final long serialVersionUID = 1;

    private static final String TYPE = "array<struct<index:int,label:string,probability:float>>";

    ImageClasses(ContentColumn content) {
        super(content, TYPE);
    }

    @Override
    public Handler<byte[], List<Classification>> open(Optional<ModelArchive> archive) throws IOException {
        return ImageClassifier.of(RowHandlers.required(archive));
    }

    @Override
    public Object value(List<Classification> answer) {
        return ArraySeq.make(answer.stream()
                .map(one -> RowFactory.create(one.index(), one.label(), one.probability()))
                .toArray());
    }
}
