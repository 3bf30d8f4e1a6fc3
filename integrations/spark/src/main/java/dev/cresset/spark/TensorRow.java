package dev.cresset.spark;

import dev.cresset.Answer;
import dev.cresset.Inputs;
import org.jspecify.annotations.Nullable;

/** A row alone on its way into the model: its tensors, and how its answer is read. */
record TensorRow(TensorColumns.Tensors tensors, Answer<Object> answer) {

    Answer<Object> writeTo(Inputs inputs) {
        TensorPart.@Nullable Of together = tensors.together();
        if (together != null && inputs.parameters().size() == 1) {
            together.writeTo(inputs);
        } else {
            tensors.parts().forEach(part -> part.writeTo(inputs));
        }
        return answer;
    }
}
