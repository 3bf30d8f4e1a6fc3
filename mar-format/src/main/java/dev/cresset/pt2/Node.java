package dev.cresset.pt2;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One call of an operator.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param target what is called, such as {@code torch.ops.aten.linear.default}
 * @param outputs the values that it makes
 * @param metadata where in the Python source it stood, among others; for people to read
 * @param isHopSingleTensorReturn whether a higher-order operator returns one tensor, and not a list of one
 * @param name the node's own name; empty before torch 2.11
 */
public record Node(
        String target,
        List<NamedArgument> inputs,
        List<Argument> outputs,
        Map<String, String> metadata,
        Optional<Boolean> isHopSingleTensorReturn,
        Optional<String> name) {
    /** Copies what is given. */
    public Node {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        metadata = Ordered.copyOf(metadata);
    }
}
