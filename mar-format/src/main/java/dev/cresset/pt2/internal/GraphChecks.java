package dev.cresset.pt2.internal;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.pt2.Argument;
import dev.cresset.pt2.Graph;
import dev.cresset.pt2.NamedArgument;
import dev.cresset.pt2.Node;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Holds a graph to what every graph is: a value is defined once, before it is used, and its type is told.
 *
 * <p>A graph within another sees nothing of it but its own inputs.
 */
record GraphChecks(String entry, Refusals refusals) {

    void require(Graph graph) throws ArchiveException {
        new Scope(graph).require();
    }

    private final class Scope {
        private final Graph graph;
        private final Set<String> defined = new HashSet<>();
        private String place = "the inputs";

        Scope(Graph graph) {
            this.graph = graph;
        }

        void require() throws ArchiveException {
            for (Argument input : graph.inputs()) {
                define(input);
            }
            for (int i = 0; i < graph.nodes().size(); i++) {
                Node node = graph.nodes().get(i);
                place = "node " + i + " (" + Refusals.quoted(node.target()) + ")";
                for (NamedArgument input : node.inputs()) {
                    use(input.arg());
                }
                for (Argument output : node.outputs()) {
                    define(output);
                }
            }
            place = "the outputs";
            for (Argument output : graph.outputs()) {
                use(output);
            }
        }

        private void define(Argument argument) throws ArchiveException {
            for (String name : Names.in(argument)) {
                if (!defined.add(name)) {
                    throw wrong(name, "is defined twice, the second time in " + place);
                }
            }
            for (String tensor : tensors(argument)) {
                if (!graph.tensorValues().containsKey(tensor)) {
                    throw wrong(tensor, "of " + place + " is a tensor of unknown type and sizes");
                }
            }
        }

        private void use(Argument argument) throws ArchiveException {
            for (String name : Names.in(argument)) {
                if (!defined.contains(name)) {
                    throw wrong(name, "is used by " + place + " and not defined before");
                }
            }
            if (argument instanceof Argument.AsGraph within) {
                GraphChecks.this.require(within.graph());
            } else if (argument instanceof Argument.AsStringToArgument map) {
                for (Argument one : map.value().values()) {
                    use(one);
                }
            }
        }

        private List<String> tensors(Argument argument) {
            return argument instanceof Argument.AsTensor || argument instanceof Argument.AsTensors
                    ? Names.in(argument)
                    : List.of();
        }

        private ArchiveException wrong(String name, String what) {
            return refusals.entry(
                    Rule.PROGRAM_REFERENCE,
                    entry,
                    "has a graph whose value " + Refusals.quoted(name) + " " + what + "; " + JsonReading.EXPORT_AGAIN);
        }
    }
}
