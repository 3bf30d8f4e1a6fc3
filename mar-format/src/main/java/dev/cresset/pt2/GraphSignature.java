package dev.cresset.pt2;

import java.util.List;

/**
 * What each input and each output of a program's graph is, in their order.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public record GraphSignature(List<InputSpec> inputSpecs, List<OutputSpec> outputSpecs) {
    /** Copies what is given. */
    public GraphSignature {
        inputSpecs = List.copyOf(inputSpecs);
        outputSpecs = List.copyOf(outputSpecs);
    }
}
