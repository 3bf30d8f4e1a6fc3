package dev.cresset.torch.portable;

import dev.cresset.torch.portable.PortableGraph.Block;
import dev.cresset.torch.portable.PortableGraph.Node;
import dev.cresset.torch.portable.PortableGraph.Value;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.AliasInfo;
import org.bytedeco.pytorch.JitModule;

/**
 * Whether a method may change what its module keeps (attributes, what is in them however deep, or constants of its code), and
 * whether it starts tasks.
 *
 * <p>Found by following where every value may point, over all that the graph runs (an inclusion-based points-to analysis, as
 * in Andersen, "Program Analysis and Specialization for the C Programming Language", 1994, chapter 4). What is not known is
 * taken for the worst: an operator without a schema may write to all that it can reach, and one that LibTorch composes of
 * others may answer with its own argument. So "changes nothing" is a proof, as far as the schemas of LibTorch's own operators
 * are true. The twin of {@code effects.cpp}. Used by one thread.
 */
final class PortableEffects {

    /** Where a value may point: what the module keeps, what the caller gave, or from then on a container of the graph's. */
    private static final int STATE = 0;

    private static final int ARGUMENTS = 1;

    /** What follows from the module alone, so that freezing computes it, seen through an operator that does not say that it returns a view. */
    private static final int BEFOREHAND = 2;

    /** These say that what they return is new, and return views. */
    private static final Set<String> UNSAID_VIEWS =
            Set.of("aten::unsafe_chunk", "aten::unsafe_split", "aten::unsafe_split_with_sizes");

    /** These write, but only to what gradients are made from. */
    private static final Set<String> FOR_GRADIENTS = Set.of("aten::detach_", "aten::requires_grad_");

    /** After these, a tensor is another's memory, which no schema says. */
    private static final Set<String> REPLACING = Set.of("aten::set_", "aten::set_data");

    /** What may be in each place. */
    private final List<BitSet> contents = new ArrayList<>();

    private final IdentityHashMap<Node, Integer> made = new IdentityHashMap<>();
    private final int wildcard = AliasInfo.wildcardSet().asInt();
    private boolean changesState;
    private boolean startsTasks;
    private boolean writesConstants;
    private boolean found;

    /** Values that nothing goes into that the caller gives. */
    private final Set<Value> beforehand = Collections.newSetFromMap(new IdentityHashMap<>());

    /** What is in a list that the code writes down. */
    private final IdentityHashMap<Value, List<Value>> elements = new IdentityHashMap<>();

    private PortableEffects() {
        contents.add(setOf(STATE));
        contents.add(setOf(ARGUMENTS));
        contents.add(new BitSet());
    }

    /**
     * What one of a module's methods does besides answering.
     *
     * @param startsTasks {@code torch.jit.fork}
     * @param writesConstants whether it writes to what freezing would compute beforehand
     */
    record Effects(boolean changesState, boolean startsTasks, boolean writesConstants) {}

    /** Of these methods, of a module in eval mode. */
    static Effects of(JitModule module, List<String> methods) {
        PortableGraph graphs = new PortableGraph();
        boolean changesState = false;
        boolean startsTasks = false;
        boolean writesConstants = false;
        for (String method : methods) {
            Effects effects = of(graphs.read(module, method));
            changesState |= effects.changesState;
            startsTasks |= effects.startsTasks;
            writesConstants |= effects.writesConstants;
        }
        return new Effects(changesState, startsTasks, writesConstants);
    }

    private static Effects of(Block graph) {
        PortableEffects effects = new PortableEffects();
        for (int i = 0; i < graph.inputs().size(); i++) {
            effects.point(graph.inputs().get(i), setOf(i == 0 ? STATE : ARGUMENTS));
        }
        effects.beforehand.add(graph.inputs().get(0));
        do {
            effects.found = false;
            effects.follow(graph);
        } while (effects.found && !effects.changesState);
        return new Effects(effects.changesState, effects.startsTasks, effects.writesConstants);
    }

    private void follow(Block block) {
        block.nodes().forEach(this::follow);
    }

    private void follow(Node node) {
        if (node.blocks().isEmpty() && beforehand.containsAll(node.inputs())) {
            beforehand.addAll(node.outputs());
        }
        if (node.kind().equals("prim::ListConstruct")) {
            elements.put(output(node), node.inputs());
        }
        switch (node.kind()) {
            case "prim::Constant" -> point(output(node), setOf(STATE));
            case "prim::GetAttr", "prim::TupleUnpack", "prim::ListUnpack", "prim::TupleIndex" -> {
                BitSet inside = contents(input(node, 0).places);
                node.outputs().forEach(output -> point(output, inside));
            }
            case "prim::SetAttr" -> {
                write(input(node, 0).places);
                store(input(node, 0).places, input(node, 1).places);
            }
            case "prim::ListConstruct", "prim::DictConstruct", "prim::TupleConstruct", "prim::CreateObject" ->
                makeContainer(node, node.inputs());
            case "prim::If" -> followBranches(node);
            case "prim::Loop" -> followLoop(node);
            case "prim::fork" -> followTask(node);
            case "prim::CallMethod" -> followCall(node, node.inputs());
            case "prim::CallFunction" ->
                followCall(node, node.inputs().subList(1, node.inputs().size()));
            case "prim::unchecked_cast", "prim::unchecked_unwrap_optional", "prim::TupleSlice" ->
                point(output(node), input(node, 0).places);
            case "prim::RaiseException", "prim::Print", "prim::Uninitialized", "prim::isinstance" -> {}
            default -> followOperator(node);
        }
    }

    /** One place, however often the node is run. */
    private void makeContainer(Node node, List<Value> parts) {
        if (output(node).isMutable) {
            int place = madeBy(node);
            parts.forEach(part -> add(contents.get(place), part.places));
            point(output(node), setOf(place));
        }
    }

    private void followBranches(Node node) {
        for (Block branch : node.blocks()) {
            follow(branch);
            pointAll(node.outputs(), branch.outputs());
        }
    }

    private void followLoop(Node node) {
        Block body = node.blocks().get(0);
        // Before what is carried there are the longest count and whether to start; in the body, the count and whether
        // to go on.
        List<Value> given = node.inputs().subList(2, node.inputs().size());
        List<Value> carried = body.inputs().subList(1, body.inputs().size());
        List<Value> left = body.outputs().subList(1, body.outputs().size());
        pointAll(carried, given);
        follow(body);
        pointAll(carried, left);
        pointAll(node.outputs(), given);
        pointAll(node.outputs(), left);
    }

    /** A future holds what the task returns. */
    private void followTask(Node node) {
        startsTasks = true;
        if (node.blocks().isEmpty()) {
            followUnknown(node);
            return;
        }
        Block task = node.blocks().get(0);
        pointAll(task.inputs(), node.inputs());
        follow(task);
        makeContainer(node, task.outputs());
    }

    private void followCall(Node node, List<Value> arguments) {
        if (node.blocks().isEmpty()) {
            followUnknown(node);
            return;
        }
        Block called = node.blocks().get(0);
        pointAll(called.inputs(), arguments);
        beforehandAll(called.inputs(), arguments);
        follow(called);
        pointAll(node.outputs(), called.outputs());
        beforehandAll(node.outputs(), called.outputs());
    }

    private void followOperator(Node node) {
        PortableOperator operator = node.operator();
        boolean isKnown = operator != null
                && operator.isTrusted()
                && node.blocks().isEmpty()
                && operator.parameters().size() == node.inputs().size()
                && operator.returns().size() == node.outputs().size()
                && !REPLACING.contains(node.kind());
        if (operator != null && isKnown) {
            followWrites(node, operator);
            for (int i = 0; i < node.outputs().size(); i++) {
                followResult(node, operator, i);
            }
        } else if (!onlyReads(node)) {
            followUnknown(node);
        }
    }

    /** Of those with a varying number of arguments (format, min, ...), the ones that return no more than numbers and texts. */
    private static boolean onlyReads(Node node) {
        PortableOperator operator = node.operator();
        return operator != null
                && node.blocks().isEmpty()
                && !operator.writes()
                && node.outputs().stream().noneMatch(output -> output.isMutable);
    }

    /** A call through an interface, an operator of somebody's: it may do anything with what it can reach. */
    private void followUnknown(Node node) {
        BitSet all = reachOfInputs(node);
        write(all);
        all.set(madeBy(node));
        store(all, all);
        node.outputs().forEach(output -> point(output, all));
        node.blocks().forEach(this::follow);
    }

    private void followWrites(Node node, PortableOperator operator) {
        if (writesRunningStatistics(node, operator)) {
            write(named(node, operator, "running_mean"));
            write(named(node, operator, "running_var"));
        }
        for (int i = 0; i < node.inputs().size(); i++) {
            if (!operator.parameters().get(i).isWritten() || FOR_GRADIENTS.contains(node.kind())) {
                continue;
            }
            Value written = input(node, i);
            write(written.places);
            // Numbers are copied into a tensor; into a container goes what is given.
            for (int j = 0; j < node.inputs().size() && !written.isTensor; j++) {
                if (j != i) {
                    store(written.places, reach(input(node, j).places));
                }
            }
        }
    }

    /** Normalisation by a batch's own statistics adds them to the running ones, and no schema says so. */
    private static boolean writesRunningStatistics(Node node, PortableOperator operator) {
        boolean keepsThem = operator.parameters().stream()
                .anyMatch(parameter -> parameter.name().equals("running_mean"));
        for (int i = 0; i < operator.parameters().size() && keepsThem; i++) {
            String name = operator.parameters().get(i).name();
            if (name.equals("training") || name.equals("use_input_stats")) {
                return !input(node, i).isAlways(false);
            }
        }
        return false;
    }

    private static BitSet named(Node node, PortableOperator operator, String name) {
        for (int i = 0; i < operator.parameters().size(); i++) {
            if (operator.parameters().get(i).name().equals(name)) {
                return input(node, i).places;
            }
        }
        return new BitSet();
    }

    private void followResult(Node node, PortableOperator operator, int index) {
        Value output = node.outputs().get(index);
        if (!output.isMutable) {
            return;
        }
        Set<Integer> sets = operator.returns().get(index);
        BitSet from = new BitSet(); // where it may point
        BitSet elements = new BitSet(); // and what may be in it, if it is a container that the operator makes
        if (sets.contains(wildcard) || (sets.isEmpty() && mayReturnInputs(node, operator))) {
            from = reachOfInputs(node);
            // A list of the code's own is written to in its place, and so not computed beforehand.
            if (sets.isEmpty() && operator.isOfDispatcher() && mayReturnBeforehand(node)) {
                from.set(BEFOREHAND);
            }
        } else if (sets.isEmpty()) {
            // A list of another's elements.
            elements = operator.isOfDispatcher() ? elements : reachOfInputs(node);
        } else {
            for (int i = 0; i < node.inputs().size(); i++) {
                if (operator.parameters().get(i).sets().stream().anyMatch(sets::contains)) {
                    from.or(input(node, i).places);
                }
            }
        }
        if (!output.isTensor) {
            int place = madeBy(node);
            elements.or(reach(from));
            add(contents.get(place), elements);
            from.set(place);
        }
        point(output, from);
    }

    /** Whether what is returned may be an argument, or in one, though the schema does not say so. */
    private static boolean mayReturnInputs(Node node, PortableOperator operator) {
        return operator.isOfDispatcher()
                ? UNSAID_VIEWS.contains(node.kind()) || !operator.makesItsResults()
                : node.kind().equals("aten::wait") || operator.writes();
    }

    /** What such operators return is their first argument, or an element of it, or a view of that. */
    private boolean mayReturnBeforehand(Node node) {
        if (node.inputs().isEmpty()) {
            return false;
        }
        Value first = input(node, 0);
        return beforehand.contains(first)
                || elements.getOrDefault(first, List.of()).stream().anyMatch(beforehand::contains);
    }

    private void beforehandAll(List<Value> values, List<Value> sources) {
        for (int i = 0; i < Math.min(values.size(), sources.size()); i++) {
            if (beforehand.contains(sources.get(i))) {
                beforehand.add(values.get(i));
            }
        }
    }

    private void write(BitSet places) {
        changesState |= places.get(STATE);
        writesConstants |= places.get(BEFOREHAND);
    }

    private void store(BitSet into, BitSet what) {
        BitSet stored = (BitSet) what.clone();
        into.stream().forEach(place -> add(contents.get(place), stored));
    }

    private void pointAll(List<Value> values, List<Value> sources) {
        for (int i = 0; i < Math.min(values.size(), sources.size()); i++) {
            point(values.get(i), sources.get(i).places);
        }
    }

    private void point(Value value, BitSet to) {
        if (value.isMutable) {
            add(value.places, to);
        }
    }

    private void add(BitSet places, BitSet more) {
        int before = places.cardinality();
        places.or(more);
        found |= places.cardinality() != before;
    }

    private int madeBy(Node node) {
        return made.computeIfAbsent(node, isNew -> {
            contents.add(new BitSet());
            return contents.size() - 1;
        });
    }

    private BitSet contents(BitSet places) {
        BitSet all = new BitSet();
        places.stream().forEach(place -> all.or(contents.get(place)));
        return all;
    }

    private BitSet reachOfInputs(Node node) {
        BitSet all = new BitSet();
        node.inputs().forEach(input -> all.or(input.places));
        return reach(all);
    }

    /** All that can be reached from there, in a set of its own. */
    private BitSet reach(BitSet from) {
        BitSet all = (BitSet) from.clone();
        for (int before = -1; before != all.cardinality(); ) {
            before = all.cardinality();
            all.or(contents(all));
        }
        return all;
    }

    private static Value input(Node node, int index) {
        return node.inputs().get(index);
    }

    private static Value output(Node node) {
        return node.outputs().get(0);
    }

    private static BitSet setOf(int place) {
        BitSet set = new BitSet();
        set.set(place);
        return set;
    }
}
