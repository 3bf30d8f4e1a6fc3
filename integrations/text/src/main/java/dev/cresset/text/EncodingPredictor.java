package dev.cresset.text;

import dev.cresset.Batching;
import dev.cresset.Handler;
import dev.cresset.Predictor;
import dev.cresset.WhenFull;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What answers encoders: a predictor of texts that have been cut into tokens, filled up so that they share batches.
 *
 * <p>What opens it closes it, and thereby the model. Safe for use by several threads.
 *
 * @param filler fills up a text that is asked alone
 * @param <V> what the model answers a text with
 */
record EncodingPredictor<V>(Predictor<FilledEncoding, V> predictor, Function<Encoding, FilledEncoding> filler)
        implements AutoCloseable {

    /** How the fastest way to compute is looked for, and the batches that pay: short, for it is with short texts that they do. */
    static final String EXAMPLE = "The quick brown fox jumps over the lazy dog.";

    /**
     * Loads the model and asks it once.
     *
     * @param example what it is asked; tokens of {@link #EXAMPLE}
     * @param check refuses a model whose answer to that is none
     * @param serving what the caller has set, over batches of 32 and a queue that has callers wait
     */
    static <V> EncodingPredictor<V> open(
            TextModelFile file,
            Handler<FilledEncoding, V> handler,
            Function<Encoding, FilledEncoding> filler,
            FilledEncoding example,
            Predicate<V> check,
            Consumer<Predictor.Builder<?, ?>> serving)
            throws IOException {
        Predictor.Builder<FilledEncoding, V> builder = file.predictor(handler)
                .batching(Batching.upTo(32))
                .queue(256, WhenFull.BLOCK)
                .example(example)
                .warmUp(example, check);
        serving.accept(builder);
        return new EncodingPredictor<>(builder.withoutArchiveSamples().open(), filler);
    }

    /** Answers one. */
    <A> A answer(Encoding encoding, BiFunction<Encoding, V, A> answer) {
        return answer.apply(encoding, predictor.predict(alone(encoding)));
    }

    /** Answers one later; tokens are made on the calling thread. What fails, fails the future. */
    <A> CompletableFuture<A> answerAsync(Supplier<Encoding> encode, BiFunction<Encoding, V, A> answer) {
        Encoding encoding;
        try {
            encoding = encode.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
        return predictor.predictAsync(alone(encoding)).thenApply(value -> answer.apply(encoding, value));
    }

    /** Answers many, in their order; the first bad one fails the list. */
    <I, A> List<A> answerAll(List<I> requests, Function<I, Encoding> encode, BiFunction<Encoding, V, A> answer) {
        return ByLength.answer(requests, predictor.batching().maxSize(), encode, predictor::predictAll, answer);
    }

    /** Where no batches are made, a text is filled up for nothing. */
    private FilledEncoding alone(Encoding encoding) {
        return predictor.batching().maxSize() == 1
                ? new FilledEncoding(encoding, encoding.size())
                : filler.apply(encoding);
    }

    @Override
    public void close() {
        predictor.close();
    }
}
