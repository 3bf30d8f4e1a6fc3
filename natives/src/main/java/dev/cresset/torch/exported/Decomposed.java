package dev.cresset.torch.exported;

import static dev.cresset.torch.exported.Definitions.areInts;
import static dev.cresset.torch.exported.Definitions.argument;
import static dev.cresset.torch.exported.Definitions.isNone;
import static dev.cresset.torch.exported.Definitions.isNumber;

import dev.cresset.pt2.Argument;
import dev.cresset.pt2.Node;
import dev.cresset.pt2.ScalarType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Operators that {@code run_decompositions()} takes apart, put together again, so that they run in the ways that LibTorch and Cresset have for
 * them. What they were made of stays where it is; nobody takes its values any more, and it is left out of the module.
 *
 * <p>Used by one thread.
 */
final class Decomposed {

    private final GraphLowering graph;
    private final Definitions definitions;
    private final Node node;

    private Decomposed(GraphLowering graph, Node node) {
        this.graph = graph;
        this.definitions = graph.definitions();
        this.node = node;
    }

    /** Whether it was the last part of one of them. */
    static boolean lower(GraphLowering graph, Target target, Node node) {
        Decomposed decomposed = new Decomposed(graph, node);
        Optional<Operand> whole = decomposed.renamed(target);
        if (whole.isEmpty() && graph.definitions().isFunctional()) {
            whole = decomposed.joined(target).or(() -> new DecomposedLayers(graph, node).whole(target));
        }
        whole.ifPresent(operand -> graph.bind(node, outputs(node, operand)));
        return whole.isPresent();
    }

    /** Those after the first are for training, and none of them is used. */
    private static List<Operand> outputs(Node node, Operand first) {
        List<Operand> all = new ArrayList<>(List.of(first));
        while (all.size() < node.outputs().size()) {
            all.add(Operand.none());
        }
        return all;
    }

    private Operand operand(String name) {
        return graph.operand(argument(node, name));
    }

    private Operand orElse(String name, Operand otherwise) {
        return graph.argument(node, name).orElse(otherwise);
    }

    /** The same under another name. */
    private Optional<Operand> renamed(Target target) {
        return switch (target.name()) {
            case "convolution" -> convolution();
            case "_native_batch_norm_legit_no_training" ->
                Optional.of(graph.nodes()
                        .call(
                                "aten::batch_norm",
                                "",
                                "input",
                                operand("input"),
                                "weight",
                                operand("weight"),
                                "bias",
                                operand("bias"),
                                "running_mean",
                                operand("running_mean"),
                                "running_var",
                                operand("running_var"),
                                "training",
                                Operand.of(false),
                                "momentum",
                                operand("momentum"),
                                "eps",
                                operand("eps"),
                                "cudnn_enabled",
                                Operand.of(true)));
            case "native_layer_norm" ->
                Optional.of(node)
                        .filter(none -> !definitions.isUsedFrom(node, 1))
                        .map(none -> graph.nodes()
                                .call(
                                        "aten::layer_norm",
                                        "",
                                        "input",
                                        operand("input"),
                                        "normalized_shape",
                                        operand("normalized_shape"),
                                        "weight",
                                        operand("weight"),
                                        "bias",
                                        operand("bias"),
                                        "eps",
                                        operand("eps")));
            case "native_group_norm" ->
                Optional.of(node)
                        .filter(none -> !definitions.isUsedFrom(node, 1))
                        .map(none -> graph.nodes()
                                .call(
                                        "aten::group_norm",
                                        "",
                                        "input",
                                        operand("input"),
                                        "num_groups",
                                        operand("group"),
                                        "weight",
                                        operand("weight"),
                                        "bias",
                                        operand("bias"),
                                        "eps",
                                        operand("eps")));
            case "max_pool2d_with_indices" ->
                Optional.of(node)
                        .filter(none -> !definitions.isUsedFrom(node, 1))
                        .map(none -> maxPool());
            case "_softmax", "_log_softmax" ->
                Optional.of(graph.nodes()
                        .call(
                                "aten::" + target.name().substring(1),
                                "int",
                                "self",
                                operand("self"),
                                "dim",
                                operand("dim"),
                                "dtype",
                                isTrue("half_to_float")
                                        ? Operand.of(ScalarTypes.number(ScalarType.FLOAT))
                                        : Operand.none()));
            case "_adaptive_avg_pool2d" ->
                Optional.of(graph.nodes()
                        .call(
                                "aten::adaptive_avg_pool2d",
                                "",
                                "self",
                                operand("self"),
                                "output_size",
                                operand("output_size")));
            case "_scaled_dot_product_flash_attention_for_cpu" -> attention(operand("attn_mask"));
            // What an export on a GPU has in the place of it.
            case "_scaled_dot_product_efficient_attention", "_scaled_dot_product_cudnn_attention" ->
                attention(operand("attn_bias"));
            case "_scaled_dot_product_flash_attention" -> attention(Operand.none());
            default -> Optional.empty();
        };
    }

    private boolean isTrue(String name) {
        return argument(node, name) instanceof Argument.AsBool flag && flag.value();
    }

    private Optional<Operand> attention(Operand mask) {
        Argument dropout = argument(node, "dropout_p");
        return definitions.isUsedFrom(node, 1) || !(isNumber(dropout, 0) || isNone(dropout))
                ? Optional.empty()
                : Optional.of(graph.nodes()
                        .call(
                                "aten::scaled_dot_product_attention",
                                "",
                                "query",
                                operand("query"),
                                "key",
                                operand("key"),
                                "value",
                                operand("value"),
                                "attn_mask",
                                mask,
                                "is_causal",
                                orElse("is_causal", Operand.of(false)),
                                "scale",
                                operand("scale")));
    }

    private Optional<Operand> convolution() {
        int dimensions = argument(node, "stride") instanceof Argument.AsInts stride
                ? stride.value().size()
                : 0;
        if (dimensions < 1 || dimensions > 3 || !(argument(node, "transposed") instanceof Argument.AsBool transposed)) {
            return Optional.empty();
        }
        Nodes nodes = graph.nodes();
        return Optional.of(
                transposed.value()
                        ? nodes.call(
                                "aten::conv_transpose" + dimensions + "d",
                                dimensions == 1 ? "" : "input",
                                "input",
                                operand("input"),
                                "weight",
                                operand("weight"),
                                "bias",
                                operand("bias"),
                                "stride",
                                operand("stride"),
                                "padding",
                                operand("padding"),
                                "output_padding",
                                operand("output_padding"),
                                "groups",
                                operand("groups"),
                                "dilation",
                                operand("dilation"))
                        : nodes.call(
                                "aten::conv" + dimensions + "d",
                                "",
                                "input",
                                operand("input"),
                                "weight",
                                operand("weight"),
                                "bias",
                                operand("bias"),
                                "stride",
                                operand("stride"),
                                "padding",
                                operand("padding"),
                                "dilation",
                                operand("dilation"),
                                "groups",
                                operand("groups")));
    }

    private Operand maxPool() {
        Operand none = new Operand.OfList(Type.INT, List.of());
        Operand zero = Operand.list(Type.INT, List.of(0L, 0L), Operand::of);
        Operand one = Operand.list(Type.INT, List.of(1L, 1L), Operand::of);
        return graph.nodes()
                .call(
                        "aten::max_pool2d",
                        "",
                        "self",
                        operand("self"),
                        "kernel_size",
                        operand("kernel_size"),
                        "stride",
                        orElse("stride", none),
                        "padding",
                        orElse("padding", zero),
                        "dilation",
                        orElse("dilation", one),
                        "ceil_mode",
                        orElse("ceil_mode", Operand.of(false)));
    }

    /** Made of several. */
    private Optional<Operand> joined(Target target) {
        return switch (target.name() + "." + target.overload()) {
            case "div.Tensor" -> isNumber(argument(node, "other"), 6) ? hardActivation() : Optional.empty();
            case "mul.Tensor" -> silu("self", "other").or(() -> silu("other", "self"));
            case "clamp." ->
                clamped(node)
                        .filter(clamped -> isOrdered(clamped.min, clamped.max))
                        .map(clamped -> graph.nodes()
                                .call(
                                        "aten::hardtanh",
                                        "",
                                        "self",
                                        graph.operand(clamped.of),
                                        "min_val",
                                        graph.operand(clamped.min),
                                        "max_val",
                                        graph.operand(clamped.max)));
            case "mean.dim" -> overPicture();
            case "clone." -> copy();
            default -> Optional.empty();
        };
    }

    private record Clamped(Argument of, Argument min, Argument max) {}

    private static boolean isOrdered(Argument min, Argument max) {
        return Definitions.number(min).orElse(Double.NaN)
                <= Definitions.number(max).orElse(Double.NaN);
    }

    /** From below first, then from above. Of whole numbers it may make fractions, which a layer does not. */
    private Optional<Clamped> clamped(Node last) {
        if (!isNone(argument(last, "min")) || isNone(argument(last, "max"))) {
            return Optional.empty();
        }
        return definitions
                .maker(argument(last, "self"), "clamp")
                .filter(first -> definitions.isFraction(argument(first, "self"))
                        && isNone(argument(first, "max"))
                        && Definitions.number(argument(first, "min")).isPresent()
                        && Definitions.number(argument(last, "max")).isPresent())
                .map(first -> new Clamped(argument(first, "self"), argument(first, "min"), argument(last, "max")));
    }

    /** What was added 3 to, before it was clamped from 0 to 6. */
    private Optional<Argument> shifted(Argument clamp) {
        return definitions
                .maker(clamp, "clamp")
                .flatMap(this::clamped)
                .filter(clamped -> isNumber(clamped.min, 0) && isNumber(clamped.max, 6))
                .flatMap(clamped -> definitions.maker(clamped.of, "add"))
                .filter(add -> isNumber(argument(add, "other"), 3) && isNone(argument(add, "alpha")))
                .map(add -> argument(add, "self"));
    }

    private Optional<Operand> hardActivation() {
        Argument inner = argument(node, "self");
        Optional<Argument> ofSigmoid = shifted(inner);
        if (ofSigmoid.isPresent()) {
            return ofSigmoid.map(x -> graph.nodes().call("aten::hardsigmoid", "", "self", graph.operand(x)));
        }
        return definitions
                .maker(inner, "mul")
                .filter(mul -> shifted(argument(mul, "other"))
                        .filter(argument(mul, "self")::equals)
                        .isPresent())
                .map(mul -> graph.nodes().call("aten::hardswish", "", "self", graph.operand(argument(mul, "self"))));
    }

    private Optional<Operand> silu(String plain, String sigmoid) {
        Argument x = argument(node, plain);
        return definitions
                .maker(argument(node, sigmoid), "sigmoid")
                .filter(maker -> argument(maker, "self").equals(x) && definitions.isFraction(x))
                .map(maker -> graph.nodes().call("aten::silu", "", "self", graph.operand(x)));
    }

    /** Dropout that drops nothing is a copy; of what the graph computed itself, and nobody writes to, it is none. */
    private Optional<Operand> copy() {
        return isNone(argument(node, "memory_format")) && definitions.isComputed(argument(node, "self"))
                ? Optional.of(operand("self"))
                : Optional.empty();
    }

    private Optional<Operand> overPicture() {
        boolean isOverPicture = areInts(argument(node, "dim"), -1L, -2L)
                && argument(node, "keepdim") instanceof Argument.AsBool keeps
                && keeps.value()
                && isNone(argument(node, "dtype"))
                && definitions.isFraction(argument(node, "self"))
                && definitions.hasRank(argument(node, "self"), 4);
        return isOverPicture
                ? Optional.of(graph.nodes()
                        .call(
                                "aten::adaptive_avg_pool2d",
                                "",
                                "self",
                                operand("self"),
                                "output_size",
                                Operand.list(Type.INT, List.of(1L, 1L), Operand::of)))
                : Optional.empty();
    }
}
