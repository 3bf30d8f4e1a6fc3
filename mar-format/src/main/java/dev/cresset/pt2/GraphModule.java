package dev.cresset.pt2;

import java.util.List;
import java.util.Map;

/**
 * A graph and how it is called.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param moduleCallGraph how the modules were called that the program was made from; the first is the program itself
 * @param treespecNamedtupleFields by the name of a named tuple's type, its fields
 */
public record GraphModule(
        Graph graph,
        GraphSignature signature,
        List<ModuleCallEntry> moduleCallGraph,
        Map<String, String> metadata,
        Map<String, NamedTupleDef> treespecNamedtupleFields) {
    /** Copies what is given. */
    public GraphModule {
        moduleCallGraph = List.copyOf(moduleCallGraph);
        metadata = Ordered.copyOf(metadata);
        treespecNamedtupleFields = Ordered.copyOf(treespecNamedtupleFields);
    }
}
