package dev.cresset.torch.portable;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.bytedeco.pytorch.BoolType;
import org.bytedeco.pytorch.DictType;
import org.bytedeco.pytorch.FloatType;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IntType;
import org.bytedeco.pytorch.ListType;
import org.bytedeco.pytorch.NoneType;
import org.bytedeco.pytorch.StringType;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.TupleType;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.TypePtrOptional;
import org.bytedeco.pytorch.TypeVector;
import org.bytedeco.pytorch.global.torch;

/**
 * LibTorch's value for one of ours where the method does not say of which type: a collection's is that of its elements, as in
 * Python. What it makes is the current scope's.
 *
 * @param value LibTorch's value
 * @param type its type
 */
record PortableUntyped(IValue value, Type.TypePtr type) {

    static PortableUntyped of(Value value) {
        if (value instanceof Tensor tensor) {
            return of(new IValue(PortableArguments.copied(tensor)), TensorType.get());
        } else if (value instanceof Value.IntValue number) {
            return of(new IValue(number.value()), IntType.getIntTypePtr().get());
        } else if (value instanceof Value.FloatValue number) {
            return of(new IValue(number.value()), FloatType.getFloatTypePtr().get());
        } else if (value instanceof Value.BoolValue bool) {
            return of(new IValue(bool.value()), BoolType.get().get());
        } else if (value instanceof Value.StringValue string) {
            return of(
                    new IValue(PortableText.write(string.value())),
                    StringType.get().get());
        } else if (value instanceof Value.ListValue list) {
            return list(list.elements());
        } else if (value instanceof Value.TupleValue tuple) {
            return tuple(tuple.elements());
        } else if (value instanceof Value.DictValue dict) {
            return dict(dict.entries().keySet(), dict.entries().values());
        }
        return of(new IValue(), NoneType.get().get());
    }

    private static PortableUntyped of(IValue value, Type type) {
        return new PortableUntyped(value, new Type.TypePtr(type));
    }

    private static PortableUntyped list(List<Value> values) {
        List<PortableUntyped> elements = all(values);
        Type.TypePtr type = commonType(elements, "list");
        return new PortableUntyped(
                PortableCollections.list(type, valuesOf(elements)),
                ListType.ofTensors().createWithContained(new TypeVector(type)));
    }

    private static PortableUntyped tuple(List<Value> values) {
        List<PortableUntyped> elements = all(values);
        TypeVector types = new TypeVector();
        elements.forEach(element -> types.push_back(element.type()));
        return of(PortableCollections.tuple(valuesOf(elements)), TupleType.create(types));
    }

    private static PortableUntyped dict(Collection<Value> names, Collection<Value> values) {
        List<PortableUntyped> keys = all(names);
        List<PortableUntyped> elements = all(values);
        Type.TypePtr keyType = commonType(keys, "dict");
        Type.TypePtr type = commonType(elements, "dict");
        return of(
                PortableCollections.dict(keyType, valuesOf(keys), type, valuesOf(elements)),
                DictType.create(keyType, type));
    }

    private static List<PortableUntyped> all(Collection<Value> values) {
        List<PortableUntyped> all = new ArrayList<>();
        values.forEach(value -> all.add(of(value)));
        return all;
    }

    private static List<IValue> valuesOf(List<PortableUntyped> elements) {
        return elements.stream().map(PortableUntyped::value).toList();
    }

    private static Type.TypePtr commonType(List<PortableUntyped> elements, String what) {
        if (elements.isEmpty()) {
            throw PortableFailures.refused(
                    "an empty " + what + " where the method does not say of what: it is of no type");
        }
        Type.TypePtr type = elements.get(0).type();
        for (PortableUntyped element : elements) {
            TypePtrOptional both = torch.unifyTypes(type, element.type());
            if (!both.has_value()) {
                throw PortableFailures.refused("a " + what + " of " + text(type) + " and " + text(element.type())
                        + " where the method does not say of what: its elements must be of one type");
            }
            type = both.get();
        }
        return type;
    }

    private static String text(Type.TypePtr type) {
        return PortableText.read(type.get().annotation_str());
    }
}
