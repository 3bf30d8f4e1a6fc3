package dev.cresset.text;

import dev.cresset.Handler;
import dev.cresset.HandlerProvider;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.util.Set;

/** Offers the handlers of this package by name. Found by {@link java.util.ServiceLoader}. */
public final class TextHandlers implements HandlerProvider {

    /** Called by {@link java.util.ServiceLoader}. */
    public TextHandlers() {}

    @Override
    public Set<String> names() {
        return Set.of("text_classifier", "sequence_classifier", "text_embedder", "token_classifier");
    }

    @Override
    public Handler<byte[], String> open(String name, ModelArchive archive) throws IOException {
        return switch (name) {
            case "text_classifier" -> TextClassifier.of(archive).asJson();
            case "sequence_classifier" -> SequenceClassifier.of(archive).asJson();
            case "text_embedder" -> TextEmbedder.of(archive).asJson();
            case "token_classifier" -> TokenClassifier.of(archive).asJson();
            default -> throw new IllegalArgumentException("there is no handler '" + name + "' here, only " + names());
        };
    }
}
