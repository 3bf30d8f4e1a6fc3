package dev.cresset.spark;

import dev.cresset.Answer;
import dev.cresset.Inputs;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Several rows on their way into the model as one request, each tensor with a first dimension that counts them. */
final class TensorBlock {

    private final List<TensorPart.Of> parts;
    private final TensorPart.@Nullable Of together;
    private final Answer<List<Object>> answer;

    /** @param together what the parts are where the model takes one tensor; null for the same */
    TensorBlock(List<TensorPart.Of> parts, TensorPart.@Nullable Of together, Answer<List<Object>> answer) {
        this.parts = parts;
        this.together = together;
        this.answer = answer;
    }

    Answer<List<Object>> writeTo(Inputs inputs) {
        if (together != null && inputs.parameters().size() == 1) {
            together.writeTo(inputs);
        } else {
            parts.forEach(part -> part.writeTo(inputs));
        }
        return answer;
    }
}
