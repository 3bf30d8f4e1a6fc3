package dev.cresset.torch.portable;

import dev.cresset.engine.EngineException;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import dev.cresset.torch.shared.ScalarTypes;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Makes LibTorch's values of ours, with the types that a method declares: an empty list is a list of something. Tensors are
 * copied, always: the module may keep them, write to them, or have a task read them that outlives a call which failed. What
 * it makes is the current scope's. Safe for use by several threads.
 */
final class PortableArguments {

    private static final Map<DataType, torch.ScalarType> SCALARS = new EnumMap<>(DataType.class);

    static {
        for (DataType type : DataType.values()) {
            for (torch.ScalarType scalar : torch.ScalarType.values()) {
                if (scalar.value == ScalarTypes.code(type)) {
                    SCALARS.put(type, scalar);
                }
            }
        }
    }

    private PortableArguments() {}

    static IValue value(Value value, PortableType type) {
        return switch (type.kind()) {
            case OptionalType ->
                value.isNone() ? new IValue() : value(value, type.contained().get(0));
            case ListType -> list(value, type);
            case DictType -> dict(value, type);
            case TupleType -> tuple(value, type);
            case UnionType -> ofOneOf(value, type);
            default -> plain(value, type);
        };
    }

    /** A tensor over the caller's memory. */
    static org.bytedeco.pytorch.Tensor borrowed(Tensor tensor) {
        TensorOptions options = new TensorOptions(SCALARS.get(tensor.dataType()));
        return torch.from_blob(new Address(address(tensor)), tensor.shape(), options);
    }

    static org.bytedeco.pytorch.Tensor copied(Tensor tensor) {
        return borrowed(tensor).clone();
    }

    private static IValue list(Value value, PortableType type) {
        if (!(value instanceof Value.ListValue list)) {
            throw unexpected(type);
        }
        PortableType element = type.contained().get(0);
        return PortableCollections.list(element.handle(), values(list.elements(), element));
    }

    private static IValue dict(Value value, PortableType type) {
        if (!(value instanceof Value.DictValue dict)) {
            throw unexpected(type);
        }
        PortableType keys = type.contained().get(0);
        PortableType elements = type.contained().get(1);
        return PortableCollections.dict(
                keys.handle(),
                values(List.copyOf(dict.entries().keySet()), keys),
                elements.handle(),
                values(List.copyOf(dict.entries().values()), elements));
    }

    private static IValue tuple(Value value, PortableType type) {
        if (!(value instanceof Value.TupleValue tuple)
                || tuple.elements().size() != type.contained().size()) {
            throw unexpected(type);
        }
        List<IValue> elements = new ArrayList<>();
        for (int i = 0; i < type.contained().size(); i++) {
            elements.add(value(tuple.elements().get(i), type.contained().get(i)));
        }
        return PortableCollections.tuple(type.handle(), elements);
    }

    private static List<IValue> values(List<Value> values, PortableType type) {
        return values.stream().map(value -> value(value, type)).toList();
    }

    /** As its elements say, if a member of the union is of that type; else as the first member says that can be. */
    private static IValue ofOneOf(Value value, PortableType union) {
        try {
            PortableUntyped found = PortableUntyped.of(value);
            if (found.type().get().isSubtypeOf(union.handle().get())) {
                return found.value();
            }
        } catch (EngineException e) {
            // An empty list has no type, nor has one of an int and a float; a member may give it one.
            refusal(e);
        }
        for (PortableType member : union.contained()) {
            try {
                return value(value, member);
            } catch (EngineException e) {
                refusal(e); // it is not that one
            }
        }
        throw unexpected(union);
    }

    /** Goes on after a refusal, and after nothing else. */
    private static void refusal(EngineException e) {
        if (e.kind() != EngineException.Kind.INVALID_INPUT) {
            throw e;
        }
    }

    private static IValue plain(Value value, PortableType type) {
        boolean fits = switch (type.kind()) {
            case TensorType -> value instanceof Tensor;
            case IntType -> value instanceof Value.IntValue;
            case FloatType -> value instanceof Value.FloatValue || value instanceof Value.IntValue;
            case BoolType -> value instanceof Value.BoolValue;
            case StringType -> value instanceof Value.StringValue;
            case NoneType -> value.isNone();
            default -> true;
        };
        if (!fits) {
            throw unexpected(type);
        }
        return type.kind() == torch.TypeKind.FloatType && value instanceof Value.IntValue number
                ? new IValue((double) number.value())
                : PortableUntyped.of(value).value();
    }

    private static RuntimeException unexpected(PortableType type) {
        return PortableFailures.refused("expected " + type.text());
    }

    private static long address(Tensor tensor) {
        Memory memory = tensor.acquire();
        try {
            if (memory.address() == 0) {
                memory.address(new Pointer(memory.buffer()).address());
            }
            return memory.address();
        } finally {
            memory.release();
        }
    }

    /** A pointer to memory that is somebody else's to give back. */
    static final class Address extends Pointer {
        Address(long address) {
            this.address = address;
        }
    }
}
