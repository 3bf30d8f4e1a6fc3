package dev.cresset.mar.cli;

import dev.cresset.pt2.Argument;
import dev.cresset.pt2.ConstantValue;
import dev.cresset.pt2.ExportedProgram;
import dev.cresset.pt2.Graph;
import dev.cresset.pt2.InputSpec;
import dev.cresset.pt2.NamedArgument;
import dev.cresset.pt2.Node;
import dev.cresset.pt2.OutputSpec;
import dev.cresset.pt2.Payload;
import dev.cresset.pt2.Pt2Archive;
import dev.cresset.pt2.SymExpr;
import dev.cresset.pt2.SymInt;
import dev.cresset.pt2.TensorMeta;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What is worth knowing of one program in a {@code .pt2}.
 *
 * @param inputs what a caller gives
 * @param outputs what a caller gets
 * @param operators how often each is called, graphs in the graph included
 */
record ProgramFacts(
        String name,
        ExportedProgram program,
        List<Value> inputs,
        List<Value> outputs,
        Tensors parameters,
        Tensors buffers,
        Tensors constants,
        Map<String, Integer> operators) {

    /**
     * An input or an output.
     *
     * @param type such as {@code float32}, or the value that it has to be
     * @param sizes of tensors: numbers, or the names of sizes that may differ from call to call
     */
    record Value(String name, String type, List<String> sizes, boolean isTensor) {
        String text() {
            return isTensor ? type + " [" + String.join(", ", sizes) + "]" : type;
        }
    }

    /**
     * Some of the tensors that a program brings.
     *
     * @param bytes what their storages take; one that several share counts once
     */
    record Tensors(int count, long bytes) {
        private static Tensors of(Collection<Payload> payloads) {
            Set<String> counted = new HashSet<>();
            long bytes = payloads.stream()
                    .filter(one -> counted.add(one.entry()))
                    .mapToLong(Payload::length)
                    .sum();
            return new Tensors(payloads.size(), bytes);
        }
    }

    static List<ProgramFacts> of(Pt2Archive archive) throws IOException {
        List<ProgramFacts> all = new ArrayList<>();
        for (String name : archive.programs()) {
            all.add(of(archive, name));
        }
        return all;
    }

    private static ProgramFacts of(Pt2Archive archive, String name) throws IOException {
        ExportedProgram program = archive.program(name);
        Graph graph = program.graphModule().graph();
        Map<Boolean, List<Payload>> weights =
                archive.weights(name).values().stream().collect(Collectors.partitioningBy(Payload::isParam));
        Map<String, Integer> operators = new TreeMap<>();
        countOperators(graph, operators);
        return new ProgramFacts(
                name,
                program,
                inputs(program, graph),
                outputs(program, graph),
                Tensors.of(weights.getOrDefault(true, List.of())),
                Tensors.of(weights.getOrDefault(false, List.of())),
                Tensors.of(archive.constants(name).values()),
                operators);
    }

    private static List<Value> inputs(ExportedProgram program, Graph graph) {
        List<Value> values = new ArrayList<>();
        for (InputSpec spec : program.graphModule().signature().inputSpecs()) {
            if (spec instanceof InputSpec.UserInput one) {
                values.add(value(one.arg(), graph));
            } else if (spec instanceof InputSpec.ConstantInput one) {
                values.add(new Value(one.name(), "always " + constant(one.value()), List.of(), /* isTensor= */ false));
            }
        }
        return values;
    }

    private static List<Value> outputs(ExportedProgram program, Graph graph) {
        List<Value> values = new ArrayList<>();
        for (OutputSpec spec : program.graphModule().signature().outputSpecs()) {
            if (spec instanceof OutputSpec.UserOutput one) {
                values.add(value(one.arg(), graph));
            }
        }
        return values;
    }

    private static Value value(Argument argument, Graph graph) {
        if (argument instanceof Argument.AsTensor tensor) {
            TensorMeta meta = graph.tensorValues().get(tensor.name());
            return meta == null
                    ? new Value(tensor.name(), "tensor", List.of(), /* isTensor= */ false)
                    : new Value(
                            tensor.name(),
                            meta.dtype().torchName(),
                            meta.sizes().stream().map(ProgramFacts::size).toList(),
                            /* isTensor= */ true);
        } else if (argument instanceof Argument.AsSymInt number) {
            return new Value(name(number.value().toString()), "int", List.of(), /* isTensor= */ false);
        } else if (argument instanceof Argument.AsNone) {
            return new Value("", "None", List.of(), /* isTensor= */ false);
        } else if (argument instanceof Argument.AsInt number) {
            return new Value("", "always " + number.value(), List.of(), /* isTensor= */ false);
        }
        return new Value("", argument.getClass().getSimpleName().substring("As".length()), List.of(), false);
    }

    /** From {@code AsName[value=x]}. */
    private static String name(String argument) {
        return argument.substring(argument.indexOf('=') + 1, argument.length() - 1);
    }

    private static String size(SymInt size) {
        return size instanceof SymInt.AsInt number ? String.valueOf(number.value()) : ((SymExpr) size).text();
    }

    private static String constant(ConstantValue value) {
        if (value instanceof ConstantValue.AsInt one) {
            return String.valueOf(one.value());
        } else if (value instanceof ConstantValue.AsFloat one) {
            return String.valueOf(one.value());
        } else if (value instanceof ConstantValue.AsBool one) {
            return one.value() ? "True" : "False";
        } else if (value instanceof ConstantValue.AsString one) {
            return "'" + one.value() + "'";
        }
        return "None";
    }

    private static void countOperators(Graph graph, Map<String, Integer> operators) {
        for (Node node : graph.nodes()) {
            operators.merge(node.target().replaceFirst("^torch\\.ops\\.", ""), 1, Integer::sum);
            for (NamedArgument input : node.inputs()) {
                if (input.arg() instanceof Argument.AsGraph within) {
                    countOperators(within.graph(), operators);
                }
            }
        }
    }
}
