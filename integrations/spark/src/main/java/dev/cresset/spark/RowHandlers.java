package dev.cresset.spark;

import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.util.Optional;
import org.apache.spark.sql.types.DataType;
import org.jspecify.annotations.Nullable;

/** From the handler that an archive's manifest names to the columns of its answers. */
final class RowHandlers {

    private RowHandlers() {}

    /** @param type what the caller says of the answers; null for nothing */
    static RowHandler<byte[], ?> of(ModelSource source, ContentColumn content, @Nullable DataType type)
            throws IOException {
        if (type != null) {
            return new JsonAnswers(content, type);
        }
        String handler = handler(source)
                .orElseThrow(() -> new IllegalArgumentException(source.name()
                        + " is no archive, so nothing says what becomes of bytes and texts; take a .mar that names a handler,"
                        + " columns of numbers, or a RowHandler"));
        return switch (handler) {
            case "image_classifier" -> new ImageClasses(content);
            case "object_detector" -> new ImageDetections(content);
            case "image_segmenter" -> new ImageSegments(content);
            default ->
                throw new IllegalArgumentException(
                        source.name() + ": its handler '" + handler
                                + "' answers with JSON of its own; say with outputType what is in it, for example 'map<string,double>'");
        };
    }

    private static Optional<String> handler(ModelSource source) throws IOException {
        try (LocalFile file = source.open()) {
            if (!ModelArchive.isArchive(file.path())) {
                return Optional.empty();
            }
            try (ModelArchive archive = ModelArchive.open(file.path())) {
                return Optional.of(archive.manifest().model().handler().orElse(""));
            }
        }
    }

    /** For handlers of archives. */
    static ModelArchive required(Optional<ModelArchive> archive) {
        return archive.orElseThrow(() -> new IllegalArgumentException(
                "the model is no archive, so it names no handler for bytes and texts; take a .mar, or a RowHandler"));
    }
}
