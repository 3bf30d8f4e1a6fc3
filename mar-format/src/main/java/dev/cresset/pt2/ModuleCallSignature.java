package dev.cresset.pt2;

import java.util.List;

/**
 * How a module is called, in Python's terms.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param inSpec how the inputs were put together: a tuple of the arguments given by place, and a dictionary of the others
 * @param outSpec how the outputs are put together
 * @param forwardArgNames the names of {@code forward}'s parameters, in their order; empty when they were not kept
 */
public record ModuleCallSignature(
        List<Argument> inputs,
        List<Argument> outputs,
        TreeSpec inSpec,
        TreeSpec outSpec,
        List<String> forwardArgNames) {
    /** Copies what is given. */
    public ModuleCallSignature {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        forwardArgNames = List.copyOf(forwardArgNames);
    }
}
