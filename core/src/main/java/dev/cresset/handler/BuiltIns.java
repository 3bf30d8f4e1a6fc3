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
        return Set.of("base_handler", "image_classifier");
    }

    @Override
    public Handler<byte[], String> open(String name, ModelArchive archive) throws IOException {
        return name.equals("base_handler")
                ? new BaseHandler(archive)
                : ImageClassifier.of(archive).asJson();
    }
}
