package dev.cresset.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.DefaultParamsWriter$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import scala.Option;

/**
 * A transformer in a folder: {@code metadata} as all of Spark ML's stages have it, and beside it {@code model/} with the model's
 * file. A model that Spark's own {@code spark.files} carry is not taken along.
 */
final class SavedTransformer {

    private static final String FOLDER = "model";

    private SavedTransformer() {}

    static final class Writer extends MLWriter {
        private final ModelTransformer transformer;

        Writer(ModelTransformer transformer) {
            this.transformer = transformer;
        }

        @Override
        public void saveImpl(String path) {
            DefaultParamsWriter$.MODULE$.saveMetadata(
                    transformer, path, sparkSession(), Option.empty(), Option.empty());
            if (!isCarried(transformer)) {
                return;
            }
            Path from = new Path(transformer.getOrDefault(transformer.model()));
            Path folder = new Path(path, FOLDER);
            Configuration hadoop = sparkSession().sparkContext().hadoopConfiguration();
            try {
                FileSystem target = folder.getFileSystem(hadoop);
                target.mkdirs(folder);
                FileUtil.copy(
                        from.getFileSystem(hadoop),
                        from,
                        target,
                        new Path(folder, from.getName()),
                        /* deleteSource= */ false,
                        hadoop);
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "cannot save the model " + from + " to " + folder + ": " + e.getMessage(), e);
            }
        }
    }

    static final class Reader extends MLReader<ModelTransformer> {
        @Override
        public ModelTransformer load(String path) {
            DefaultParamsReader.Metadata metadata =
                    DefaultParamsReader$.MODULE$.loadMetadata(path, sparkSession(), ModelTransformer.class.getName());
            ModelTransformer transformer = new ModelTransformer(metadata.uid());
            metadata.getAndSetParams(transformer, Option.empty());
            if (isCarried(transformer)) {
                String name = new Path(transformer.getOrDefault(transformer.model())).getName();
                transformer.setModel(new Path(new Path(path, FOLDER), name).toString());
            }
            return transformer;
        }
    }

    private static boolean isCarried(ModelTransformer transformer) {
        return transformer.isSet(transformer.model())
                && Delivery.of(transformer.getOrDefault(transformer.delivery())) != Delivery.SPARK_FILE;
    }
}
