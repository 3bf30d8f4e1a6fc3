package dev.cresset.text;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.Arrays;
import java.util.List;

/** Finds what counts in the output of a transformers model: a tensor, the first of a tuple, or a dict's by name. */
final class ModelOutput {

    private ModelOutput() {}

    /** The tensor for one text, of this many dimensions. */
    static Tensor tensor(Value output, String name, int... ranks) {
        return tensor(output, List.of(name), ranks);
    }

    /** The tensor for one text, of this many dimensions; of a dict, the first of these names that it has. */
    static Tensor tensor(Value output, List<String> names, int... ranks) {
        Value found = output;
        if (output instanceof Value.DictValue dict) {
            String present = names.stream()
                    .filter(name -> dict.entries().containsKey(Value.of(name)))
                    .findFirst()
                    .orElse(names.get(0));
            found = dict.get(present);
        } else if (output instanceof Value.TupleValue tuple && !tuple.elements().isEmpty()) {
            found = tuple.elements().get(0);
        }
        if (found instanceof Tensor tensor) {
            if (Arrays.stream(ranks).anyMatch(rank -> tensor.shape().length == rank)) {
                return tensor;
            }
            throw new IllegalStateException("the model answered a text with " + tensor + ", expected " + ranks[0]
                    + (ranks[0] == 1 ? " dimension" : " dimensions") + " beside that of the items");
        }
        throw new IllegalStateException("the model answered with " + output + ", expected " + String.join(" or ", names)
                + ": a tensor, a tuple that starts with it, or a dict that has it");
    }
}
