package dev.cresset.torch.exported;

import dev.cresset.pt2.Node;
import java.util.List;
import java.util.Map;

/** What Python computes with numbers such as sizes, in TorchScript's operators. */
final class SymbolicOperators {

    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("_operator.add", "aten::add"),
            Map.entry("_operator.sub", "aten::sub"),
            Map.entry("_operator.mul", "aten::mul"),
            Map.entry("_operator.floordiv", "aten::floordiv"),
            Map.entry("_operator.truediv", "aten::div"),
            Map.entry("_operator.mod", "aten::remainder"),
            Map.entry("_operator.pow", "aten::pow"),
            Map.entry("_operator.neg", "aten::neg"),
            Map.entry("_operator.pos", "prim::pos"),
            Map.entry("_operator.abs", "prim::abs"),
            Map.entry("_operator.eq", "aten::eq"),
            Map.entry("_operator.ne", "aten::ne"),
            Map.entry("_operator.lt", "aten::lt"),
            Map.entry("_operator.le", "aten::le"),
            Map.entry("_operator.gt", "aten::gt"),
            Map.entry("_operator.ge", "aten::ge"),
            Map.entry("_operator.and_", "aten::__and__"),
            Map.entry("_operator.or_", "aten::__or__"),
            Map.entry("_operator.xor", "aten::__xor__"),
            Map.entry("_operator.not_", "aten::__not__"),
            Map.entry("_operator.lshift", "aten::__lshift__"),
            Map.entry("_operator.rshift", "aten::__rshift__"),
            Map.entry("math.ceil", "aten::ceil"),
            Map.entry("math.floor", "aten::floor"),
            Map.entry("math.trunc", "aten::Int"),
            Map.entry("builtins.round", "aten::round"),
            Map.entry("builtins.abs", "prim::abs"),
            Map.entry("builtins.max", "prim::max"),
            Map.entry("builtins.min", "prim::min"),
            Map.entry("torch.sym_int", "aten::Int"),
            Map.entry("torch.sym_float", "aten::Float"),
            Map.entry("torch.sym_not", "aten::__not__"),
            Map.entry("torch.sym_max", "prim::max"),
            Map.entry("torch.sym_min", "prim::min"),
            Map.entry("torch._sym_sqrt", "aten::sqrt"),
            Map.entry("torch.sym_sqrt", "aten::sqrt"));

    private SymbolicOperators() {}

    static void lower(GraphLowering graph, Node node) {
        String target =
                node.target().replace("torch._sym_", "torch.sym_").replace("torch.fx.experimental.sym_node.", "torch.");
        List<Operand> operands = graph.operands(node);
        Type wanted = GraphLowering.typeOfOutput(node);
        Nodes nodes = graph.nodes();
        if (target.equals("torch.sym_ite") && operands.size() == 3) {
            Nodes.Branch yes = new Nodes.Branch(nodes.inner(), List.of(operands.get(1)));
            Nodes.Branch no = new Nodes.Branch(nodes.inner(), List.of(operands.get(2)));
            graph.bind(node, nodes.branch(operands.get(0), yes, no));
        } else if (target.equals("torch.sym_sum") && operands.size() == 1) {
            graph.bind(node, List.of(nodes.matched("aten::sum", wanted, operands)));
        } else if (NAMES.containsKey(target)) {
            graph.bind(node, List.of(nodes.matched(NAMES.get(target), wanted, operands)));
        } else {
            String wayOut = node.target().startsWith("torch._functorch.")
                    ? " (torch.vmap); export it with run_decompositions(), which writes the batched operators out"
                    : "";
            throw new UnsupportedProgram(
                    "it calls Python's '" + node.target() + "', which TorchScript has no operator for" + wayOut);
        }
    }
}
