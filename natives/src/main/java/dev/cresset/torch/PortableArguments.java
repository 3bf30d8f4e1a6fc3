package dev.cresset.torch;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.AnyType;
import org.bytedeco.pytorch.GenericDict;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Operation;
import org.bytedeco.pytorch.Operator;
import org.bytedeco.pytorch.OperatorName;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.Tuple;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;

/**
 * Makes LibTorch's values of ours, with the types that a method declares: an empty list is a list of something. What it
 * makes is the current scope's. Tensors are read where they are, or copied. Safe for use by several threads.
 */
enum PortableArguments {
    /** Tensors share the caller's memory, which is there until the call is over. */
    BORROWED,
    /** Tensors get memory of their own, for the module may keep them. */
    COPIED;

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

    IValue value(Value value, PortableType type) {
        return switch (type.kind()) {
            case OptionalType ->
                value.isNone() ? new IValue() : value(value, type.contained().get(0));
            case FloatType ->
                value instanceof Value.IntValue number ? new IValue((double) number.value()) : untyped(value);
            case ListType -> list(value, type);
            case DictType -> dict(value, type);
            case TupleType -> tuple(value, type);
            default -> untyped(value);
        };
    }

    /** A tensor over the caller's memory. */
    static org.bytedeco.pytorch.Tensor borrowed(Tensor tensor) {
        TensorOptions options = new TensorOptions(SCALARS.get(tensor.dataType()));
        return torch.from_blob(new Address(address(tensor)), tensor.shape(), options);
    }

    private IValue list(Value value, PortableType type) {
        if (!(value instanceof Value.ListValue list)) {
            throw unexpected(type);
        }
        PortableType element = type.contained().get(0);
        GenericList made = new GenericList(element.handle());
        for (Value each : list.elements()) {
            made.push_back(value(each, element));
        }
        return new IValue(made);
    }

    private IValue tuple(Value value, PortableType type) {
        if (!(value instanceof Value.TupleValue tuple)
                || tuple.elements().size() != type.contained().size()) {
            throw unexpected(type);
        }
        IValueVector elements = new IValueVector();
        for (int i = 0; i < type.contained().size(); i++) {
            elements.push_back(value(tuple.elements().get(i), type.contained().get(i)));
        }
        // Named or not, as the type says.
        return new IValue(Tuple.createNamed(elements, type.handle()));
    }

    /** The presets cannot make a dict or add to one, but they can run the operators of TorchScript that do. */
    private IValue dict(Value value, PortableType type) {
        if (!(value instanceof Value.DictValue dict)) {
            throw unexpected(type);
        }
        PortableType keys = type.contained().get(0);
        PortableType values = type.contained().get(1);
        IValueVector stack = new IValueVector();
        operation("aten::dict", "").apply(stack);
        GenericDict made = stack.get(0).toGenericDict();
        made.unsafeSetKeyType(keys.handle());
        made.unsafeSetValueType(values.handle());
        if (!dict.entries().isEmpty()) {
            // There is one for each type that can be a key, by its name: str, int, float, bool, Tensor.
            Operation set = operation("aten::_set_item", keys.text());
            for (Map.Entry<Value, Value> entry : dict.entries().entrySet()) {
                set.apply(new IValueVector(
                        new IValue(made), value(entry.getKey(), keys), value(entry.getValue(), values)));
            }
        }
        return new IValue(made);
    }

    private static Operation operation(String name, String overload) {
        Operator operator = torch.findOperatorFor(new OperatorName(name, overload));
        if (operator == null) {
            throw PortableFailures.refused(
                    "this engine cannot make a dict: LibTorch has no operator " + name + "." + overload);
        }
        return operator.getOperation();
    }

    private IValue untyped(Value value) {
        if (value instanceof Tensor tensor) {
            org.bytedeco.pytorch.Tensor borrowed = borrowed(tensor);
            return new IValue(this == COPIED ? borrowed.clone() : borrowed);
        } else if (value instanceof Value.IntValue number) {
            return new IValue(number.value());
        } else if (value instanceof Value.FloatValue number) {
            return new IValue(number.value());
        } else if (value instanceof Value.BoolValue bool) {
            return new IValue(bool.value());
        } else if (value instanceof Value.StringValue string) {
            return new IValue(PortableText.write(string.value()));
        } else if (value instanceof Value.ListValue list) {
            GenericList made = new GenericList(new Type.TypePtr(AnyType.get().get()));
            list.elements().forEach(each -> made.push_back(untyped(each)));
            return new IValue(made);
        } else if (value instanceof Value.TupleValue tuple) {
            return new IValue(Tuple.create(untyped(tuple.elements())));
        } else if (value instanceof Value.DictValue) {
            throw PortableFailures.refused(
                    "a dict needs a declared type, such as Dict[str, Tensor]; here the method does not say which");
        }
        return new IValue();
    }

    private IValueVector untyped(List<Value> values) {
        IValueVector made = new IValueVector();
        values.forEach(each -> made.push_back(untyped(each)));
        return made;
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
