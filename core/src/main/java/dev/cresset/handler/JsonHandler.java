package dev.cresset.handler;

import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.tensor.Value;
import java.util.Optional;
import java.util.function.Function;

/** A handler whose answers are written as TorchServe writes them. */
final class JsonHandler<I, T> implements Handler<I, String> {

    private final Handler<I, T> typed;
    private final Function<T, Object> toJson;

    JsonHandler(Handler<I, T> typed, Function<T, Object> toJson) {
        this.typed = typed;
        this.toJson = toJson;
    }

    @Override
    public void preprocess(I request, Inputs inputs) throws Exception {
        typed.preprocess(request, inputs);
    }

    @Override
    public String postprocess(Value output) throws Exception {
        return PythonJson.write(toJson.apply(typed.postprocess(output)));
    }

    @Override
    public Optional<I> example() {
        return typed.example();
    }

    @Override
    public String postprocess(I request, Value output) throws Exception {
        return PythonJson.write(toJson.apply(typed.postprocess(request, output)));
    }

    @Override
    public boolean isBatched() {
        return typed.isBatched();
    }
}
