package dev.cresset.handler;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
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
    public Answer<String> preprocess(I request, Inputs inputs) throws Exception {
        Answer<T> answer = typed.preprocess(request, inputs);
        return output -> PythonJson.write(toJson.apply(answer.postprocess(output)));
    }

    @Override
    public Optional<I> example() {
        return typed.example();
    }

    @Override
    public boolean isBatched() {
        return typed.isBatched();
    }
}
