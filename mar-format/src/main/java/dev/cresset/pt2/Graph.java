package dev.cresset.pt2;

import java.util.List;
import java.util.Map;

/**
 * Values and the nodes that compute them, in order: each value is defined before it is used.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param inputs what the graph is given; those of a program are parameters and buffers first, as its signature says
 * @param tensorValues the type and the sizes of each tensor by its name
 * @param isSingleTensorReturn whether the graph of a higher-order operator returns one tensor, and not a list of one
 */
public record Graph(
        List<Argument> inputs,
        List<Argument> outputs,
        List<Node> nodes,
        Map<String, TensorMeta> tensorValues,
        Map<String, SymInt> symIntValues,
        Map<String, SymBool> symBoolValues,
        boolean isSingleTensorReturn,
        Map<String, Argument.AsCustomObj> customObjValues,
        Map<String, SymFloat> symFloatValues) {
    /** Copies what is given. */
    public Graph {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        nodes = List.copyOf(nodes);
        tensorValues = Ordered.copyOf(tensorValues);
        symIntValues = Ordered.copyOf(symIntValues);
        symBoolValues = Ordered.copyOf(symBoolValues);
        customObjValues = Ordered.copyOf(customObjValues);
        symFloatValues = Ordered.copyOf(symFloatValues);
    }
}
