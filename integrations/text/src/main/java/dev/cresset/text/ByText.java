package dev.cresset.text;

import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.tensor.Value;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;

/** A text handler for requests and answers of other types. */
final class ByText<I, O> implements Handler<I, O> {

    private final Function<I, TextRequest> parse;
    private final BiConsumer<TextRequest, Inputs> write;
    private final BiFunction<TextRequest, Value, O> read;
    private final boolean batched;

    /**
     * A handler.
     *
     * @param parse finds the text in a request
     * @param write turns it into the model's inputs
     * @param read turns the model's output into the answer
     * @param batched whether the model's tensors count items
     */
    ByText(
            Function<I, TextRequest> parse,
            BiConsumer<TextRequest, Inputs> write,
            BiFunction<TextRequest, Value, O> read,
            boolean batched) {
        this.parse = parse;
        this.write = write;
        this.read = read;
        this.batched = batched;
    }

    @Override
    public void preprocess(I request, Inputs inputs) {
        write.accept(parse.apply(request), inputs);
    }

    @Override
    public O postprocess(Value output) {
        throw new UnsupportedOperationException("the answer depends on the text; call postprocess(request, output)");
    }

    @Override
    public O postprocess(I request, Value output) {
        return read.apply(parse.apply(request), output);
    }

    @Override
    public boolean isBatched() {
        return batched;
    }
}
