package dev.cresset.spring.boot;

import dev.cresset.Handler;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;

/**
 * Makes a handler that needs something of its archive, such as the names of classes. As a bean, properties name it as they name a
 * handler:
 *
 * <pre>{@code
 * @Bean
 * HandlerFactory<byte[], List<Classification>> topThree() {
 *     return archive -> ImageClassifier.of(archive, ImageOptions.builder().topK(3).build());
 * }
 * }</pre>
 *
 * <p>The bean's declared type says what the predictor takes and returns. Called by one thread at a time for each model.
 *
 * @param <I> what a caller asks
 * @param <O> what the caller gets
 */
@FunctionalInterface
public interface HandlerFactory<I, O> {

    /**
     * A handler for an archive, which is closed afterwards: what is needed of it is read now.
     *
     * @throws IOException if the archive lacks something, or has it wrong
     */
    Handler<I, O> open(ModelArchive archive) throws IOException;
}
