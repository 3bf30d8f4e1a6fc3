package dev.cresset.handler;

import dev.cresset.Handler;
import dev.cresset.HandlerProvider;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.util.Set;

/** Offers the handlers of this package by TorchServe's names. Found by {@link java.util.ServiceLoader}. */
public final class BuiltIns implements HandlerProvider {

    /** Called by {@link java.util.ServiceLoader}. */
    public BuiltIns() {}

    @Override
    public Set<String> names() {
        return Set.of("base_handler", "image_classifier", "image_segmenter", "object_detector");
    }

    @Override
    public Handler<byte[], String> open(String name, ModelArchive archive) throws IOException {
        return switch (name) {
            case "base_handler" -> new BaseHandler(archive);
            case "image_classifier" -> ImageClassifier.of(archive).asJson();
            case "image_segmenter" -> ImageSegmenter.of(archive).asJson();
            case "object_detector" -> ObjectDetector.of(archive).asJson();
            default -> throw new IllegalArgumentException("'" + name + "' is none of " + names());
        };
    }
}
