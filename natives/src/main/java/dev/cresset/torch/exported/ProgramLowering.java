package dev.cresset.torch.exported;

import dev.cresset.pt2.Argument;
import dev.cresset.pt2.ConstantValue;
import dev.cresset.pt2.ExportedProgram;
import dev.cresset.pt2.Graph;
import dev.cresset.pt2.InputSpec;
import dev.cresset.pt2.ModuleCallSignature;
import dev.cresset.pt2.OutputSpec;
import dev.cresset.pt2.Payload;
import dev.cresset.pt2.SymInt;
import dev.cresset.pt2.TreeSpec;
import dev.cresset.tensor.Size;
import dev.cresset.tensor.Value;
import dev.cresset.tensor.ValueSpec;
import dev.cresset.torch.exported.Trees.Leaf;
import dev.cresset.torch.exported.Trees.Output;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes one program down as a method. What export calls a signature tells its graph's inputs apart: weights become attributes of the
 * module, and what the caller gives becomes parameters.
 *
 * <p>Used by one thread.
 */
final class ProgramLowering {

    private final Attributes attributes;
    private final ExportedProgram program;
    private final Map<String, Payload> weights;
    private final Map<String, Payload> constants;
    private final SizeExpressions sizes;
    private final Nodes nodes;
    private final GraphLowering graph;

    /** The tensors of the module by their names in it, and by the graph's. */
    private final Map<String, Operand> kept = new HashMap<>();

    private final List<Leaf> leaves = new ArrayList<>();
    private final List<LoweredPrograms.Parameter> parameters = new ArrayList<>();

    ProgramLowering(
            Attributes attributes,
            ExportedProgram program,
            Map<String, Payload> weights,
            Map<String, Payload> constants) {
        this.attributes = attributes;
        this.program = program;
        this.weights = weights;
        this.constants = constants;
        this.sizes = new SizeExpressions(program.rangeConstraints());
        this.nodes = new Nodes(
                new Nodes.Numbers(Definitions.nodes(program.graphModule().graph())));
        this.graph = new GraphLowering(nodes, program.graphModule().graph(), Optional.empty());
    }

    /** What the program takes; its words go where they should. */
    LoweredPrograms.Method lower(String method, Words to) {
        ModuleCallSignature call = callSignature();
        List<TreeSpec> arguments = arguments(call.inSpec());
        for (int i = 0; i < arguments.size(); i++) {
            nodes.numbers().next(); // parameters have the first numbers
        }
        readInputs();
        Words head = new Words().text(method).word(arguments.size());
        writeParameters(arguments, names(call, arguments.size()), head);
        graph.lowerNodes();
        Operand result = readOutputs(call.outSpec());
        int number = nodes.number(result);
        nodes.write(head);
        to.append(head.word(number));
        return method();
    }

    private LoweredPrograms.Method method() {
        List<String> names =
                parameters.stream().map(LoweredPrograms.Parameter::name).toList();
        List<Guard> guards = new ArrayList<>();
        List<String> unread = new ArrayList<>();
        for (String code : new LinkedHashSet<>(program.guardsCode())) {
            Guard.read(code, names).ifPresentOrElse(guards::add, () -> unread.add(code));
        }
        return new LoweredPrograms.Method(List.copyOf(parameters), guards, unread);
    }

    private ModuleCallSignature callSignature() {
        return program.graphModule().moduleCallGraph().stream()
                .filter(entry -> entry.fqn().isEmpty())
                .findFirst()
                .flatMap(entry -> entry.signature())
                .orElseThrow(() -> new UnsupportedProgram("it does not say how it is called (module_call_graph)"));
    }

    /** Those by place, then those by name. */
    private static List<TreeSpec> arguments(TreeSpec inSpec) {
        List<TreeSpec> both = inSpec.children();
        if (both.size() != 2) {
            throw new UnsupportedProgram("its inputs are not arguments by place and arguments by name");
        }
        List<TreeSpec> all = new ArrayList<>(both.get(0).children());
        all.addAll(both.get(1).children());
        return all;
    }

    private static List<String> names(ModuleCallSignature call, int count) {
        int byPlace = call.inSpec().children().get(0).children().size();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < byPlace; i++) {
            names.add(call.forwardArgNames().size() > i ? call.forwardArgNames().get(i) : "arg" + i);
        }
        if (count > byPlace) {
            if (!(call.inSpec().children().get(1) instanceof TreeSpec.Mapping named)) {
                throw new UnsupportedProgram("its arguments by name are no dict");
            }
            for (ConstantValue key : named.keys()) {
                names.add(key instanceof ConstantValue.AsString text ? text.value() : key.toString());
            }
        }
        return names;
    }

    private void readInputs() {
        List<InputSpec> specs = program.graphModule().signature().inputSpecs();
        Graph outer = program.graphModule().graph();
        for (int i = 0; i < specs.size(); i++) {
            InputSpec spec = specs.get(i);
            if (spec instanceof InputSpec.Parameter parameter) {
                keep(parameter.arg().name(), parameter.parameterName(), weights, /* isParameter= */ true);
            } else if (spec instanceof InputSpec.Buffer buffer) {
                keep(
                        buffer.arg().name(),
                        buffer.bufferName(),
                        buffer.persistent() ? weights : constants,
                        /* isParameter= */ false);
            } else if (spec instanceof InputSpec.TensorConstant constant) {
                keep(constant.arg().name(), constant.tensorConstantName(), constants, /* isParameter= */ false);
            } else if (spec instanceof InputSpec.UserInput input) {
                leaves.add(leaf(input.arg(), outer));
            } else if (spec instanceof InputSpec.ConstantInput input) {
                leaves.add(constant(input.value()));
            } else if (spec instanceof InputSpec.Token token) {
                graph.define(token.arg().name(), Operand.none());
            } else if (spec instanceof InputSpec.CustomObj object) {
                throw new UnsupportedProgram("it needs the object '" + object.customObjName() + "' of the class "
                        + object.arg().classFqn() + ", which only Python can make");
            }
        }
    }

    private void keep(String name, String fqn, Map<String, Payload> payloads, boolean isParameter) {
        Payload payload = payloads.get(fqn);
        if (payload == null) {
            throw new UnsupportedProgram("it has no bytes for its tensor '" + fqn + "'");
        }
        Operand value = nodes.attribute(attributes.add(name, payload, isParameter));
        graph.define(name, value);
        kept.put(fqn, value);
    }

    private Leaf leaf(Argument argument, Graph outer) {
        String name = GraphLowering.name(argument).orElse("");
        if (argument instanceof Argument.AsTensor tensor) {
            return new Leaf(Type.TENSOR, spec(tensor), name);
        } else if (argument instanceof Argument.AsSymInt) {
            SymInt size = outer.symIntValues().get(name);
            return new Leaf(
                    Type.INT,
                    size == null ? new ValueSpec.Open() : new ValueSpec.OfInt(number(sizes.size(size))),
                    name);
        } else if (argument instanceof Argument.AsSymFloat) {
            return new Leaf(Type.FLOAT, new ValueSpec.Open(), name);
        } else if (argument instanceof Argument.AsSymBool) {
            return new Leaf(Type.BOOL, new ValueSpec.Open(), name);
        } else if (argument instanceof Argument.AsInt number) {
            return constant(new ConstantValue.AsInt(number.value()));
        } else if (argument instanceof Argument.AsFloat number) {
            return constant(new ConstantValue.AsFloat(number.value()));
        } else if (argument instanceof Argument.AsBool flag) {
            return constant(new ConstantValue.AsBool(flag.value()));
        } else if (argument instanceof Argument.AsString text) {
            return constant(new ConstantValue.AsString(text.value()));
        } else if (argument instanceof Argument.AsNone) {
            return constant(new ConstantValue.AsNone());
        }
        throw new UnsupportedProgram(
                "it takes an input of the kind " + argument.getClass().getSimpleName());
    }

    /** Numbers that are no sizes may be negative. */
    private static Size number(Size size) {
        return size.min() == 0
                ? new Size(size.multiples(), size.constant(), Long.MIN_VALUE, size.max(), size.example())
                : size;
    }

    private static Leaf constant(ConstantValue constant) {
        Type type;
        Value value;
        if (constant instanceof ConstantValue.AsInt number) {
            type = Type.INT;
            value = Value.of(number.value());
        } else if (constant instanceof ConstantValue.AsFloat number) {
            type = Type.FLOAT;
            value = Value.of(number.value());
        } else if (constant instanceof ConstantValue.AsBool flag) {
            type = Type.BOOL;
            value = Value.of(flag.value());
        } else if (constant instanceof ConstantValue.AsString text) {
            type = Type.STRING;
            value = Value.of(text.value());
        } else {
            type = Type.NONE;
            value = Value.none();
        }
        return new Leaf(type, new ValueSpec.Constant(value), "");
    }

    private ValueSpec spec(Argument.AsTensor tensor) {
        return graph.definitions()
                .meta(tensor)
                .flatMap(meta -> ScalarTypes.dataType(meta.dtype())
                        .<ValueSpec>map(type -> new ValueSpec.OfTensor(
                                type, meta.sizes().stream().map(sizes::size).toList())))
                .orElseGet(ValueSpec.Open::new);
    }

    private void writeParameters(List<TreeSpec> arguments, List<String> names, Words head) {
        Iterator<Leaf> typed = leaves.iterator();
        Iterator<Leaf> named = leaves.iterator();
        List<Trees.Input> inputs = new ArrayList<>();
        for (TreeSpec argument : arguments) {
            inputs.add(Trees.input(argument, typed, 0));
        }
        if (typed.hasNext()) {
            throw new UnsupportedProgram("its signature has more inputs than its trees of values have leaves");
        }
        int required = inputs.size();
        while (required > 0 && inputs.get(required - 1).spec() instanceof ValueSpec.Constant) {
            required--;
        }
        for (int i = 0; i < inputs.size(); i++) {
            Trees.Input input = inputs.get(i);
            head.text(names.get(i));
            input.type().write(head);
            head.flag(i >= required);
            if (i >= required) {
                operand(((ValueSpec.Constant) input.spec()).value()).write(head);
            }
            parameters.add(new LoweredPrograms.Parameter(names.get(i), input.spec()));
            Trees.unpack(graph, Operand.value(i), arguments.get(i), named);
        }
    }

    private static Operand operand(Value constant) {
        if (constant instanceof Value.IntValue number) {
            return Operand.of(number.value());
        } else if (constant instanceof Value.FloatValue number) {
            return Operand.of(number.value());
        } else if (constant instanceof Value.BoolValue flag) {
            return Operand.of(flag.value());
        } else if (constant instanceof Value.StringValue text) {
            return Operand.of(text.value());
        }
        return Operand.none();
    }

    private Operand readOutputs(TreeSpec outSpec) {
        List<OutputSpec> specs = program.graphModule().signature().outputSpecs();
        List<Argument> outputs = program.graphModule().graph().outputs();
        if (specs.size() != outputs.size()) {
            throw new UnsupportedProgram("its graph has " + outputs.size() + " outputs, its signature " + specs.size());
        }
        List<Output> results = new ArrayList<>();
        Mutations mutations = new Mutations(nodes, kept.values());
        for (int i = 0; i < specs.size(); i++) {
            OutputSpec spec = specs.get(i);
            if (spec instanceof OutputSpec.UserOutput) {
                results.add(output(outputs.get(i)));
            } else if (spec instanceof OutputSpec.BufferMutation mutation) {
                mutations.add(kept(mutation.bufferName()), graph.operand(outputs.get(i)));
            } else if (spec instanceof OutputSpec.ParameterMutation mutation) {
                mutations.add(kept(mutation.parameterName()), graph.operand(outputs.get(i)));
            } else if (spec instanceof OutputSpec.UserInputMutation mutation) {
                mutations.add(graph.value(mutation.userInputName()), graph.operand(outputs.get(i)));
            } else if (!(spec instanceof OutputSpec.Token)) {
                throw new UnsupportedProgram("it was exported for training: it has an output of the kind "
                        + spec.getClass().getSimpleName() + "; export the module in eval mode");
            }
        }
        mutations.write();
        Iterator<Output> left = results.iterator();
        Output whole = Trees.pack(nodes, outSpec, left, 0);
        if (left.hasNext()) {
            throw new UnsupportedProgram("its signature has more outputs than its trees of values have leaves");
        }
        return whole.value();
    }

    private Operand kept(String fqn) {
        Operand found = kept.get(fqn);
        if (found == null) {
            throw new UnsupportedProgram("it changes '" + fqn + "', which is no tensor of its own");
        }
        return found;
    }

    private Output output(Argument argument) {
        return new Output(typeOf(argument), graph.operand(argument));
    }

    private static Type typeOf(Argument argument) {
        if (argument instanceof Argument.AsTensor) {
            return Type.TENSOR;
        } else if (argument instanceof Argument.AsInt || argument instanceof Argument.AsSymInt) {
            return Type.INT;
        } else if (argument instanceof Argument.AsFloat || argument instanceof Argument.AsSymFloat) {
            return Type.FLOAT;
        } else if (argument instanceof Argument.AsBool || argument instanceof Argument.AsSymBool) {
            return Type.BOOL;
        } else if (argument instanceof Argument.AsString) {
            return Type.STRING;
        } else if (argument instanceof Argument.AsNone) {
            return Type.NONE;
        }
        throw new UnsupportedProgram(
                "it returns a value of the kind " + argument.getClass().getSimpleName());
    }
}
