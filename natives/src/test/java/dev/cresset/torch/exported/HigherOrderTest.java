package dev.cresset.torch.exported;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.pt2.Argument;
import dev.cresset.pt2.Graph;
import dev.cresset.pt2.NamedArgument;
import dev.cresset.pt2.Node;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HigherOrderTest {

    private static final Argument.AsTensor X = new Argument.AsTensor("x");

    /** Each condition is written twice, and so would be 2^40 nodes. */
    @Test
    void lower_loopsInConditionsOfLoops_areRefused() {
        Graph graph = loops(40);

        assertThatThrownBy(() -> lower(graph))
                .isInstanceOf(UnsupportedProgram.class)
                .hasMessageContaining("loops within the conditions of loops")
                .hasMessageContaining("1640 nodes");
    }

    @Test
    void lower_aConditionWithoutAnAnswer_isRefused() {
        Graph graph = loop(graph(List.of(), List.of()), graph(List.of(), List.of(X)));

        assertThatThrownBy(() -> lower(graph))
                .isInstanceOf(UnsupportedProgram.class)
                .hasMessageContaining("with a graph of 0 outputs, where there must be 1");
    }

    @Test
    void lower_aBodyThatLosesWhatIsCarried_isRefused() {
        Graph graph = loop(graph(List.of(), List.of(X)), graph(List.of(), List.of()));

        assertThatThrownBy(() -> lower(graph))
                .isInstanceOf(UnsupportedProgram.class)
                .hasMessageContaining("with a graph of 0 outputs, where there must be 1");
    }

    @Test
    void lower_aScanThatLosesWhatIsCarried_isRefused() {
        Graph body = graph(List.of(X, new Argument.AsTensor("row")), List.of(), List.of());
        Node scan = node("scan", new Argument.AsGraph("g", body), tensors(X), tensors(X));

        assertThatThrownBy(() -> lower(graph(List.of(scan), List.of(X))))
                .isInstanceOf(UnsupportedProgram.class)
                .hasMessageContaining("with a graph of 0 outputs, where there must be 1");
    }

    private static void lower(Graph graph) {
        GraphLowering lowering =
                new GraphLowering(new Nodes(new Nodes.Numbers(Definitions.nodes(graph))), graph, Optional.empty());
        lowering.define("x", Operand.value(lowering.nodes().numbers().next()));
        lowering.lowerNodes();
    }

    private static Graph loops(int depth) {
        Graph condition = depth == 1 ? graph(List.of(), List.of(X)) : loops(depth - 1);
        return loop(condition, graph(List.of(), List.of(X)));
    }

    private static Graph loop(Graph condition, Graph body) {
        Node loop = node(
                "while_loop",
                new Argument.AsGraph("c", condition),
                new Argument.AsGraph("b", body),
                tensors(X),
                tensors());
        return graph(List.of(loop), List.of(X));
    }

    private static Argument tensors(Argument.AsTensor... tensors) {
        return new Argument.AsTensors(List.of(tensors));
    }

    private static Node node(String operator, Argument... arguments) {
        List<NamedArgument> inputs = List.of(arguments).stream()
                .map(argument -> new NamedArgument("", argument, Optional.empty()))
                .toList();
        return new Node(
                "torch.ops.higher_order." + operator,
                inputs,
                List.of(new Argument.AsTensor("y")),
                Map.of(),
                Optional.empty(),
                Optional.empty());
    }

    private static Graph graph(List<Node> nodes, List<Argument> outputs) {
        return graph(List.of(X), nodes, outputs);
    }

    private static Graph graph(List<Argument> inputs, List<Node> nodes, List<Argument> outputs) {
        return new Graph(
                inputs,
                outputs,
                nodes,
                Map.of(),
                Map.of(),
                Map.of(),
                /* isSingleTensorReturn= */ false,
                Map.of(),
                Map.of());
    }
}
