package dev.cresset;

import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Path;

/** What a predictor's model is opened from: an archive, or a TorchScript file alone. */
interface ModelFile {

    /** As messages call it. */
    String name();

    Model open(ModelOptions options, Model.Example example) throws IOException;

    /** How requests go together unless the caller says otherwise. */
    Batching batching();

    static ModelFile of(ModelArchive archive) {
        return new ModelFile() {
            @Override
            public String name() {
                return archive.name();
            }

            @Override
            public Model open(ModelOptions options, Model.Example example) throws IOException {
                return Model.open(archive, options, example);
            }

            @Override
            public Batching batching() {
                try {
                    return Batching.of(archive.config());
                } catch (IllegalArgumentException e) {
                    throw new ModelLoadException(
                            name() + ": its settings' batchSize or maxBatchDelay: " + e.getMessage(), e);
                }
            }
        };
    }

    static ModelFile of(Path pt) {
        return new ModelFile() {
            @Override
            public String name() {
                return String.valueOf(pt.getFileName());
            }

            @Override
            public Model open(ModelOptions options, Model.Example example) throws IOException {
                return Model.open(pt, options, example);
            }

            @Override
            public Batching batching() {
                return Batching.none();
            }
        };
    }
}
