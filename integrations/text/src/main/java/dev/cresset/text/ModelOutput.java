package dev.cresset.text;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;

/** Finds what counts in the output of a transformers model: a tensor, the first of a tuple, or a dict's by name. */
final class ModelOutput {

    private ModelOutput() {}

    /** The tensor for one text, of this many dimensions. */
    static Tensor tensor(Value output, String name, int... ranks) {
        Value found = output;
        if (output instanceof Value.DictValue dict) {
            found = dict.get(name);
        } else if (output instanceof Value.TupleValue tuple && !tuple.elements().isEmpty()) {
            found = tuple.elements().get(0);
        }
        if (found instanceof Tensor tensor) {
            for (int rank : ranks) {
                if (tensor.shape().length == rank) {
                    return tensor;
                }
            }
            throw new IllegalStateException("the model answered a text with " + tensor + ", expected " + ranks[0]
                    + (ranks[0] == 1 ? " dimension" : " dimensions") + " beside that of the items");
        }
        throw new IllegalStateException("the model answered with " + output + ", expected " + name
                + ": a tensor, a tuple that starts with it, or a dict that has it");
    }
}
