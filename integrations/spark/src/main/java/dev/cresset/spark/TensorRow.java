package dev.cresset.spark;

import dev.cresset.Answer;
import dev.cresset.Inputs;
import java.util.List;

/** A row on its way into the model: its tensors, and how its answer is read. */
interface TensorRow {

    void writeTo(Inputs inputs);

    Answer<Object> answer();

    /** A tensor to each of the model's inputs. */
    record Several(List<TensorPart.Of> parts, Answer<Object> answer) implements TensorRow {
        @Override
        public void writeTo(Inputs inputs) {
            parts.forEach(part -> part.writeTo(inputs));
        }
    }

    /** Numbers that are one tensor where the model takes one, and otherwise a tensor each. */
    record Numbers(TensorPart.Of together, List<TensorPart.Of> parts, Answer<Object> answer) implements TensorRow {
        @Override
        public void writeTo(Inputs inputs) {
            if (inputs.parameters().size() == 1) {
                together.writeTo(inputs);
            } else {
                parts.forEach(part -> part.writeTo(inputs));
            }
        }
    }
}
