package dev.cresset.examples;

import dev.cresset.pt2.Argument;
import dev.cresset.pt2.ExportedProgram;
import dev.cresset.pt2.Graph;
import dev.cresset.pt2.GraphModule;
import dev.cresset.pt2.GraphSignature;
import dev.cresset.pt2.InputSpec;
import dev.cresset.pt2.ModuleCallEntry;
import dev.cresset.pt2.ModuleCallSignature;
import dev.cresset.pt2.NamedArgument;
import dev.cresset.pt2.Node;
import dev.cresset.pt2.OutputSpec;
import dev.cresset.pt2.Payload;
import dev.cresset.pt2.Pt2Archive;
import dev.cresset.pt2.RangeConstraint;
import dev.cresset.pt2.ScalarType;
import dev.cresset.pt2.SchemaVersion;
import dev.cresset.pt2.SymExpr;
import dev.cresset.pt2.SymInt;
import dev.cresset.pt2.TensorMeta;
import dev.cresset.pt2.TreeSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Shows what {@code torch.export.save} wrote, without running it: {@code ReadProgram model.pt2}. It needs no engine, only
 * {@code cresset-mar-format}.
 */
public final class ReadProgram {

    private ReadProgram() {}

    /** Runs the example. */
    public static void main(String[] args) throws IOException {
        Path file = Path.of(args.length > 0 ? args[0] : "fixtures/pt2/format/torch-2.13.pt2");
        try (Pt2Archive archive = Pt2Archive.open(file)) {
            for (String name : archive.programs()) {
                ExportedProgram program = archive.program(name);
                SchemaVersion schema = program.schemaVersion();
                System.out.println(name + ": saved by PyTorch " + program.torchVersion() + ", schema " + schema.major()
                        + "." + schema.minor());
                show(program.graphModule());
                program.rangeConstraints().forEach(ReadProgram::showRange);
                showWeights(archive.weights(name));
            }
        }
    }

    private static void show(GraphModule module) {
        for (ModuleCallEntry call : module.moduleCallGraph()) {
            Optional<ModuleCallSignature> signature = call.signature();
            if (call.fqn().isEmpty() && signature.isPresent()) {
                TreeSpec arguments = signature.get().inSpec(); // positional ones, and those by name
                System.out.println("  called with " + signature.get().forwardArgNames() + ", nested as " + arguments);
            }
        }
        Graph graph = module.graph();
        GraphSignature signature = module.signature();
        for (InputSpec input : signature.inputSpecs()) {
            // The others are parameters and buffers, which come with the program.
            if (input instanceof InputSpec.UserInput users && users.arg() instanceof Argument.AsTensor tensor) {
                System.out.println("  input " + described(tensor, graph));
            }
        }
        for (Node node : graph.nodes()) {
            List<String> names = node.inputs().stream().map(NamedArgument::name).toList();
            System.out.println("  " + node.target() + names);
        }
        for (OutputSpec output : signature.outputSpecs()) {
            if (output instanceof OutputSpec.UserOutput users && users.arg() instanceof Argument.AsTensor tensor) {
                System.out.println("  output " + described(tensor, graph));
            }
        }
    }

    private static String described(Argument.AsTensor tensor, Graph graph) {
        TensorMeta meta = graph.tensorValues().get(tensor.name());
        return meta == null ? tensor.name() : tensor.name() + ": " + type(meta);
    }

    private static String type(TensorMeta meta) {
        ScalarType elements = meta.dtype();
        List<String> sizes = new ArrayList<>();
        for (SymInt size : meta.sizes()) {
            sizes.add(
                    size instanceof SymExpr varying
                            ? varying.exprStr()
                            : String.valueOf(((SymInt.AsInt) size).value()));
        }
        return elements + " " + sizes;
    }

    private static void showRange(String symbol, RangeConstraint range) {
        System.out.println(
                "  " + symbol + " from " + range.minVal().map(String::valueOf).orElse("any") + " to "
                        + range.maxVal().map(String::valueOf).orElse("any"));
    }

    private static void showWeights(Map<String, Payload> weights) {
        for (Payload weight : weights.values()) {
            System.out.println("  weight " + weight.fqn() + ": " + type(weight.tensorMeta()) + ", " + weight.length()
                    + " bytes in " + weight.entry());
        }
    }
}
