package dev.cresset.torch.portable;

import java.util.List;
import org.bytedeco.pytorch.GenericDict;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Operation;
import org.bytedeco.pytorch.Operator;
import org.bytedeco.pytorch.OperatorName;
import org.bytedeco.pytorch.Tuple;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;

/** LibTorch's lists, tuples and dicts of given elements. What it makes is the current scope's. Safe for use by several threads. */
final class PortableCollections {

    private PortableCollections() {}

    static IValue list(Type.TypePtr type, List<IValue> elements) {
        GenericList made = new GenericList(type);
        made.reserve(elements.size());
        elements.forEach(made::push_back);
        return new IValue(made);
    }

    static IValue tuple(List<IValue> elements) {
        return new IValue(Tuple.create(vector(elements)));
    }

    /** Named or not, as the tuple's type says. */
    static IValue tuple(Type.TypePtr type, List<IValue> elements) {
        return new IValue(Tuple.createNamed(vector(elements), type));
    }

    /** The presets cannot make a dict or add to one, but they can run the operators of TorchScript that do. */
    static IValue dict(Type.TypePtr keyType, List<IValue> keys, Type.TypePtr valueType, List<IValue> values) {
        IValueVector stack = new IValueVector();
        operation("aten::dict", "").apply(stack);
        GenericDict made = stack.get(0).toGenericDict();
        made.unsafeSetKeyType(keyType);
        made.unsafeSetValueType(valueType);
        if (!keys.isEmpty()) {
            // There is one for each type that can be a key, by its name: str, int, float, bool, Tensor.
            Operation set =
                    operation("aten::_set_item", PortableText.read(keyType.get().annotation_str()));
            for (int i = 0; i < keys.size(); i++) {
                set.apply(new IValueVector(new IValue(made), keys.get(i), values.get(i)));
            }
        }
        return new IValue(made);
    }

    private static IValueVector vector(List<IValue> elements) {
        IValueVector made = new IValueVector();
        elements.forEach(made::push_back);
        return made;
    }

    private static Operation operation(String name, String overload) {
        Operator operator = torch.findOperatorFor(new OperatorName(name, overload));
        if (operator == null) {
            throw PortableFailures.refused(
                    "this engine cannot make a dict: LibTorch has no operator " + name + "." + overload);
        }
        return operator.getOperation();
    }
}
