package dev.cresset.torch.exported;

import static dev.cresset.torch.exported.Definitions.areInts;
import static dev.cresset.torch.exported.Definitions.argument;
import static dev.cresset.torch.exported.Definitions.isCall;
import static dev.cresset.torch.exported.Definitions.isNone;

import dev.cresset.pt2.Argument;
import dev.cresset.pt2.Node;
import dev.cresset.pt2.ScalarType;
import dev.cresset.pt2.SymInt;
import java.util.List;
import java.util.Optional;

/**
 * Linear layers and attention, which {@code run_decompositions()} makes products of matrices of, among copies and views. Used by one
 * thread.
 */
final class DecomposedLayers {

    private final GraphLowering graph;
    private final Definitions definitions;
    private final Node node;

    DecomposedLayers(GraphLowering graph, Node node) {
        this.graph = graph;
        this.definitions = graph.definitions();
        this.node = node;
    }

    /** The layer that the node is the last part of. */
    Optional<Operand> whole(Target target) {
        return switch (target.name()) {
            case "addmm", "mm" -> linear(node).map(this::emit);
            case "view" -> linear(node).map(this::emit).or(() -> attention().map(this::emit));
            case "add" -> withBias().map(this::emit);
            default -> Optional.empty();
        };
    }

    private record Linear(Argument input, Argument weight, Argument bias) {}

    private Operand emit(Linear linear) {
        return graph.nodes()
                .call(
                        "aten::linear",
                        "",
                        "input",
                        graph.operand(linear.input),
                        "weight",
                        graph.operand(linear.weight),
                        "bias",
                        graph.operand(linear.bias));
    }

    /** A product by a transposed matrix: of rows, of rows that were views of more dimensions, or of batches of the same matrix. */
    private Optional<Linear> linear(Node last) {
        if (isCall(last, "addmm") || isCall(last, "mm")) {
            boolean isAdded = isCall(last, "addmm");
            boolean isPlain = !isAdded
                    || (isNone(argument(last, "beta"))
                            && isNone(argument(last, "alpha"))
                            && definitions.hasRank(argument(last, "self"), 1));
            Argument bias = isAdded ? argument(last, "self") : new Argument.AsNone();
            return transposed(argument(last, "mat2"))
                    .filter(weight -> isPlain)
                    .map(weight -> new Linear(argument(last, isAdded ? "mat1" : "self"), weight, bias));
        }
        if (!isCall(last, "view")) {
            return Optional.empty();
        }
        Argument viewed = argument(last, "self");
        Optional<Linear> ofRows = definitions
                .maker(viewed)
                .filter(product -> isCall(product, "addmm") || isCall(product, "mm"))
                .flatMap(this::linear)
                .flatMap(rows -> definitions
                        .maker(rows.input, "view")
                        .map(view -> new Linear(argument(view, "self"), rows.weight, rows.bias)));
        Optional<Linear> ofBatches = definitions.maker(viewed, "bmm").flatMap(product -> ofBatches(product));
        return ofRows.or(() -> ofBatches).filter(linear -> hasRowsOf(Definitions.output(last), linear.input));
    }

    private Optional<Linear> ofBatches(Node product) {
        Argument input = unfolded(argument(product, "self"));
        return transposed(unfolded(argument(product, "mat2")))
                .map(weight -> new Linear(input, weight, new Argument.AsNone()));
    }

    /** The matrix of two dimensions that this is the transposed of. */
    private Optional<Argument> transposed(Argument matrix) {
        return definitions
                .maker(matrix)
                .filter(maker ->
                        isCall(maker, "t") || (isCall(maker, "permute") && areInts(argument(maker, "dims"), 1L, 0L)))
                .map(maker -> argument(maker, "self"))
                .filter(before -> definitions.hasRank(before, 2));
    }

    /** Whether both have the same sizes but for the last: what was made rows is the same rows again. */
    private boolean hasRowsOf(Argument output, Argument input) {
        Optional<List<SymInt>> some = definitions.sizes(output);
        Optional<List<SymInt>> others = definitions.sizes(input);
        return some.isPresent()
                && others.isPresent()
                && some.get().size() == others.get().size()
                && some.get().size() > 1
                && expressions(some.get().subList(0, some.get().size() - 1))
                        .equals(expressions(others.get().subList(0, others.get().size() - 1)));
    }

    /** Without what they were for the example. */
    private static List<Object> expressions(List<SymInt> sizes) {
        return sizes.stream()
                .<Object>map(size -> size instanceof SymInt.AsExpr expression ? expression.exprStr() : size)
                .toList();
    }

    private boolean isSameSize(Argument some, Argument other) {
        Optional<List<Object>> sizes = definitions.sizes(some).map(DecomposedLayers::expressions);
        return sizes.isPresent() && sizes.equals(definitions.sizes(other).map(DecomposedLayers::expressions));
    }

    /** Before it was copied, and its first dimensions were made one, or none was repeated. */
    private Argument unfolded(Argument argument) {
        Argument before = argument;
        Optional<Node> view = definitions.maker(before, "view");
        if (view.isPresent()) {
            before = argument(view.get(), "self");
        }
        Optional<Node> copy = definitions.maker(before, "clone");
        if (copy.isPresent()) {
            before = argument(copy.get(), "self");
        }
        Optional<Node> expand = definitions.maker(before, "expand");
        return expand.map(node -> argument(node, "self")).orElse(before);
    }

    private Optional<Linear> withBias() {
        Argument bias = argument(node, "other");
        return definitions
                .maker(argument(node, "self"), "view")
                .filter(view -> definitions.maker(argument(view, "self"), "bmm").isPresent())
                .filter(view -> isNone(argument(node, "alpha")) && definitions.hasRank(bias, 1))
                .flatMap(this::linear)
                .map(linear -> new Linear(linear.input, linear.weight, bias));
    }

    private record Attention(Argument query, Argument key, Argument value, Argument mask, double scale) {}

    private Operand emit(Attention attention) {
        return graph.nodes()
                .call(
                        "aten::scaled_dot_product_attention",
                        "",
                        "query",
                        graph.operand(attention.query),
                        "key",
                        graph.operand(attention.key),
                        "value",
                        graph.operand(attention.value),
                        "attn_mask",
                        graph.operand(attention.mask),
                        "scale",
                        Operand.of(attention.scale));
    }

    private Optional<Attention> attention() {
        Argument output = Definitions.output(node);
        if (!definitions.hasRank(output, 4)) {
            return Optional.empty();
        }
        Optional<Node> product = definitions.maker(argument(node, "self"), "bmm");
        return product.flatMap(bmm -> weights(unfolded(argument(bmm, "self")))
                .flatMap(scores -> attention(scores, unfolded(argument(bmm, "mat2")))));
    }

    /** What a softmax was taken of, with rows of nothing but minus infinity made zero. */
    private Optional<Argument> weights(Argument weights) {
        return definitions
                .maker(weights, "where")
                .flatMap(where -> definitions.maker(argument(where, "other"), "_softmax"))
                .filter(softmax -> Definitions.isNumber(argument(softmax, "dim"), -1))
                .map(softmax -> argument(softmax, "self"))
                .filter(scores -> definitions
                        .maker(weights, "where")
                        .flatMap(where -> definitions.maker(argument(where, "condition"), "logical_not"))
                        .flatMap(not -> definitions.maker(argument(not, "self"), "any"))
                        .flatMap(any -> definitions.maker(argument(any, "self"), "logical_not"))
                        .flatMap(not -> definitions.maker(argument(not, "self"), "eq"))
                        .filter(eq -> argument(eq, "self").equals(scores)
                                && Definitions.isNumber(argument(eq, "other"), Double.NEGATIVE_INFINITY))
                        .isPresent());
    }

    private Optional<Attention> attention(Argument scores, Argument value) {
        Optional<Node> masked = definitions.maker(scores, "add").filter(add -> isNone(argument(add, "alpha")));
        Argument mask = masked.map(add -> argument(add, "other")).orElseGet(Argument.AsNone::new);
        Optional<Node> product = definitions
                .maker(masked.map(add -> argument(add, "self")).orElse(scores), "view")
                .flatMap(view -> definitions.maker(argument(view, "self"), "bmm"));
        if (product.isEmpty()) {
            return Optional.empty();
        }
        Optional<Node> query = definitions.maker(unfolded(argument(product.get(), "self")), "mul");
        Optional<Node> key = definitions.maker(unfolded(argument(product.get(), "mat2")), "mul");
        Optional<Argument> transposed = key.flatMap(mul -> definitions.maker(argument(mul, "self"), "permute"))
                .filter(permute -> areInts(argument(permute, "dims"), 0L, 1L, 3L, 2L))
                .map(permute -> argument(permute, "self"));
        if (query.isEmpty() || transposed.isEmpty()) {
            return Optional.empty();
        }
        Argument before = argument(query.get(), "self");
        Optional<Double> scale = Definitions.number(argument(query.get(), "other"))
                .filter(number -> Definitions.isNumber(argument(key.get(), "other"), number))
                .map(number -> number * number);
        boolean isOneKind = isSameSize(transposed.get(), value)
                && definitions.hasRank(before, 4)
                && isFloat(before)
                && (isNone(mask) || isFloat(mask));
        return scale.filter(number -> isOneKind)
                .map(number -> new Attention(before, transposed.get(), value, mask, number));
    }

    private boolean isFloat(Argument tensor) {
        return definitions
                .meta(tensor)
                .filter(meta -> meta.dtype() == ScalarType.FLOAT)
                .isPresent();
    }
}
