package dev.cresset.pt2.internal;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.pt2.Argument;
import dev.cresset.pt2.ExportedProgram;
import dev.cresset.pt2.Graph;
import dev.cresset.pt2.GraphSignature;
import dev.cresset.pt2.InputSpec;
import dev.cresset.pt2.ModuleCallEntry;
import dev.cresset.pt2.OutputSpec;
import dev.cresset.pt2.TreeSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Holds a program to what it says of itself: its graph, the signature of it, and how its callers put values together. */
public final class ProgramChecks {
    private final ExportedProgram program;
    private final Graph graph;
    private final GraphSignature signature;
    private final Map<String, ?> weights;
    private final Map<String, ?> constants;
    private final String entry;
    private final Refusals refusals;

    /**
     * Takes what is to be checked.
     *
     * @param entry the program's
     */
    public ProgramChecks(
            ExportedProgram program,
            Map<String, ?> weights,
            Map<String, ?> constants,
            String entry,
            Refusals refusals) {
        this.program = program;
        this.graph = program.graphModule().graph();
        this.signature = program.graphModule().signature();
        this.weights = weights;
        this.constants = constants;
        this.entry = entry;
        this.refusals = refusals;
    }

    public void require() throws ArchiveException {
        new GraphChecks(entry, refusals).require(graph);
        requireInputs();
        requireOutputs();
        requireTrees();
    }

    private void requireInputs() throws ArchiveException {
        List<InputSpec> specs = signature.inputSpecs();
        require(
                specs.size() == graph.inputs().size(),
                specs.size() + " inputs, and its graph " + graph.inputs().size());
        for (int i = 0; i < specs.size(); i++) {
            InputSpec spec = specs.get(i);
            Argument input = graph.inputs().get(i);
            if (spec instanceof InputSpec.Parameter one) {
                requireSame(one.arg(), input);
                requireThere(weights, one.parameterName());
            } else if (spec instanceof InputSpec.Buffer one) {
                requireSame(one.arg(), input);
                requireThere(one.persistent() ? weights : constants, one.bufferName());
            } else if (spec instanceof InputSpec.TensorConstant one) {
                requireSame(one.arg(), input);
                requireThere(constants, one.tensorConstantName());
            } else if (spec instanceof InputSpec.UserInput one) {
                requireSame(one.arg(), input);
            }
        }
    }

    private void requireOutputs() throws ArchiveException {
        List<OutputSpec> specs = signature.outputSpecs();
        require(
                specs.size() == graph.outputs().size(),
                specs.size() + " outputs, and its graph " + graph.outputs().size());
        Set<String> parameters = new HashSet<>();
        Set<String> buffers = new HashSet<>();
        Set<String> given = new HashSet<>();
        for (InputSpec spec : signature.inputSpecs()) {
            if (spec instanceof InputSpec.Parameter one) {
                parameters.add(one.parameterName());
            } else if (spec instanceof InputSpec.Buffer one) {
                buffers.add(one.bufferName());
            } else if (spec instanceof InputSpec.UserInput one) {
                given.addAll(Names.in(one.arg()));
            }
        }
        for (int i = 0; i < specs.size(); i++) {
            OutputSpec spec = specs.get(i);
            Argument output = graph.outputs().get(i);
            if (spec instanceof OutputSpec.UserOutput one) {
                requireSame(one.arg(), output);
            } else if (spec instanceof OutputSpec.BufferMutation one) {
                requireSame(one.arg(), output);
                requireKnown(buffers, one.bufferName());
            } else if (spec instanceof OutputSpec.ParameterMutation one) {
                requireSame(one.arg(), output);
                requireKnown(parameters, one.parameterName());
            } else if (spec instanceof OutputSpec.UserInputMutation one) {
                requireSame(one.arg(), output);
                requireKnown(given, one.userInputName());
            }
        }
    }

    /** The first module is the program: its trees have a leaf for each value that a caller gives or gets. */
    private void requireTrees() throws ArchiveException {
        for (ModuleCallEntry call : program.graphModule().moduleCallGraph()) {
            if (call.fqn().isEmpty() && call.signature().isPresent()) {
                requireLeaves(
                        call.signature().get().inSpec(),
                        signature.inputSpecs().stream()
                                .filter(one ->
                                        one instanceof InputSpec.UserInput || one instanceof InputSpec.ConstantInput)
                                .count(),
                        "inputs");
                requireLeaves(
                        call.signature().get().outSpec(),
                        signature.outputSpecs().stream()
                                .filter(OutputSpec.UserOutput.class::isInstance)
                                .count(),
                        "outputs");
                return;
            }
        }
        throw wrong("has no way to call it: no module '' in its module_call_graph");
    }

    private void requireLeaves(TreeSpec tree, long count, String what) throws ArchiveException {
        long leaves = leaves(tree);
        require(leaves == count, count + " " + what + " of callers, put together of " + leaves);
    }

    private static long leaves(TreeSpec tree) {
        return tree instanceof TreeSpec.Leaf
                ? 1
                : tree.children().stream().mapToLong(ProgramChecks::leaves).sum();
    }

    private void requireSame(Argument told, Argument there) throws ArchiveException {
        require(
                told.equals(there),
                "a value " + Refusals.quoted(told.toString()) + " where its graph has "
                        + Refusals.quoted(there.toString()));
    }

    private void requireKnown(Set<String> known, String name) throws ArchiveException {
        require(known.contains(name), "a change of " + Refusals.quoted(name) + ", which is none of its inputs");
    }

    private void requireThere(Map<String, ?> payloads, String name) throws ArchiveException {
        if (!payloads.containsKey(name)) {
            throw wrong("needs a tensor " + Refusals.quoted(name) + ", which is not in the archive");
        }
    }

    private void require(boolean right, String otherwise) throws ArchiveException {
        if (!right) {
            throw wrong("has a signature of " + otherwise);
        }
    }

    private ArchiveException wrong(String what) {
        return refusals.entry(Rule.PROGRAM_REFERENCE, entry, what + "; " + JsonReading.EXPORT_AGAIN);
    }
}
