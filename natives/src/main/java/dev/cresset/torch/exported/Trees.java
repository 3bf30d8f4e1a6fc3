package dev.cresset.torch.exported;

import dev.cresset.pt2.ConstantValue;
import dev.cresset.pt2.TreeSpec;
import dev.cresset.tensor.ValueSpec;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Python's nested values in TorchScript's types. A dict is a dict, and so is what has names for its parts: a data class, the outputs of a
 * transformers model. A tuple is one, with names or without; a list is a list where its elements are of one type, and else a tuple.
 */
final class Trees {

    private static final int DEEPEST = 100;

    private Trees() {}

    /** A leaf of the inputs: its type, what else is known, and the graph's name for it, empty for a constant. */
    record Leaf(Type type, ValueSpec spec, String name) {}

    /** An input with all its leaves: its type, and what is known of them. */
    record Input(Type type, ValueSpec spec) {}

    static Input input(TreeSpec tree, Iterator<Leaf> leaves, int depth) {
        requireShallow(depth);
        if (tree instanceof TreeSpec.Leaf) {
            Leaf leaf = next(leaves);
            return new Input(leaf.type(), leaf.spec());
        }
        List<Input> parts = new ArrayList<>();
        for (TreeSpec child : tree.children()) {
            parts.add(input(child, leaves, depth + 1));
        }
        List<Type> types = parts.stream().map(Input::type).toList();
        if (isDict(tree)) {
            Map<String, ValueSpec> entries = new LinkedHashMap<>();
            List<String> keys = keys(tree);
            for (int i = 0; i < parts.size(); i++) {
                entries.put(keys.get(i), parts.get(i).spec());
            }
            return new Input(type(tree, types), new ValueSpec.Entries(entries));
        }
        return new Input(
                type(tree, types),
                new ValueSpec.Parts(parts.stream().map(Input::spec).toList()));
    }

    /** Gives the leaves of a value their names. */
    static void unpack(GraphLowering graph, Operand value, TreeSpec tree, Iterator<Leaf> leaves) {
        if (tree instanceof TreeSpec.Leaf) {
            String name = leaves.next().name();
            if (!name.isEmpty()) {
                graph.define(name, value);
            }
            return;
        }
        Nodes nodes = graph.nodes();
        if (isDict(tree)) {
            List<String> keys = keys(tree);
            for (int i = 0; i < keys.size(); i++) {
                List<Leaf> here = take(tree.children().get(i), leaves);
                Type type = input(tree.children().get(i), here.iterator(), 0).type();
                unpack(
                        graph,
                        nodes.entry(value, keys.get(i), type),
                        tree.children().get(i),
                        here.iterator());
            }
            return;
        }
        List<Integer> parts = nodes.unpack(value, tree.children().size());
        for (int i = 0; i < parts.size(); i++) {
            unpack(graph, Operand.value(parts.get(i)), tree.children().get(i), leaves);
        }
    }

    private static List<Leaf> take(TreeSpec tree, Iterator<Leaf> leaves) {
        if (tree instanceof TreeSpec.Leaf) {
            return List.of(leaves.next());
        }
        return tree.children().stream()
                .flatMap(child -> take(child, leaves).stream())
                .toList();
    }

    /** A result, or a part of one. */
    record Output(Type type, Operand value) {}

    static Output pack(Nodes nodes, TreeSpec tree, Iterator<Output> leaves, int depth) {
        requireShallow(depth);
        if (tree instanceof TreeSpec.Leaf) {
            return next(leaves);
        }
        List<Output> parts = new ArrayList<>();
        for (TreeSpec child : tree.children()) {
            parts.add(pack(nodes, child, leaves, depth + 1));
        }
        Type type = type(tree, parts.stream().map(Output::type).toList());
        List<Operand> values = parts.stream().map(Output::value).toList();
        if (isDict(tree)) {
            Map<String, Operand> entries = new LinkedHashMap<>();
            List<String> keys = keys(tree);
            for (int i = 0; i < values.size(); i++) {
                entries.put(keys.get(i), values.get(i));
            }
            return new Output(type, nodes.dict(type.of().get(0), entries));
        }
        return new Output(type, type.isList() ? nodes.list(type.of().get(0), values) : nodes.tuple(values));
    }

    private static <T> T next(Iterator<T> leaves) {
        if (!leaves.hasNext()) {
            throw new UnsupportedProgram("its trees of values have more leaves than its signature");
        }
        return leaves.next();
    }

    private static void requireShallow(int depth) {
        if (depth > DEEPEST) {
            throw new UnsupportedProgram("its values are nested deeper than " + DEEPEST + " lists, tuples and dicts");
        }
    }

    private static Type type(TreeSpec tree, List<Type> parts) {
        Type common = Type.common(parts);
        if (isDict(tree)) {
            return Type.dict(common);
        }
        return tree instanceof TreeSpec.Sequence && !common.equals(Type.ANY) ? Type.list(common) : Type.tuple(parts);
    }

    private static boolean isDict(TreeSpec tree) {
        return tree instanceof TreeSpec.Mapping || tree instanceof TreeSpec.DataClass;
    }

    private static List<String> keys(TreeSpec tree) {
        if (tree instanceof TreeSpec.DataClass instance) {
            return instance.fields();
        }
        List<String> keys = new ArrayList<>();
        for (ConstantValue key : ((TreeSpec.Mapping) tree).keys()) {
            if (!(key instanceof ConstantValue.AsString text)) {
                throw new UnsupportedProgram("it has a dict with a key that is no text: " + key);
            }
            keys.add(text.value());
        }
        return keys;
    }
}
