package dev.cresset.torch.portable;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import dev.cresset.torch.shared.ScalarTypes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.GenericDict;
import org.bytedeco.pytorch.GenericDictEntryRef;
import org.bytedeco.pytorch.GenericDictIterator;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueArrayRef;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TupleElements;
import org.bytedeco.pytorch.global.torch;

/**
 * Makes our values of one of LibTorch's. Tensors are copied, always: what a module returns may be an argument, a weight or
 * its state, whole or in part. Used by one thread.
 */
final class PortableResults {

    /** What was given out so far, to be taken back if the rest of the result cannot be. */
    private final List<Tensor> given = new ArrayList<>();

    private PortableResults() {}

    static Value read(IValue result) {
        PortableResults results = new PortableResults();
        boolean complete = false;
        try {
            Value value = results.value(result);
            complete = true;
            return value;
        } finally {
            if (!complete) {
                results.given.forEach(Tensor::close);
            }
        }
    }

    /** Copies the tensors of a result, in order, into these. */
    static void copy(IValue result, List<Tensor> outputs) {
        List<org.bytedeco.pytorch.Tensor> found = new ArrayList<>();
        flatten(result, found);
        if (found.size() != outputs.size()) {
            throw PortableFailures.refused(
                    "the result has " + found.size() + " tensors, " + outputs.size() + " are bound");
        }
        for (int i = 0; i < found.size(); i++) {
            copy(found.get(i), outputs.get(i), i);
        }
    }

    private static void copy(org.bytedeco.pytorch.Tensor result, Tensor output, int index) {
        long[] shape = shape(result);
        if (code(result) != ScalarTypes.code(output.dataType()) || !Arrays.equals(shape, output.shape())) {
            throw PortableFailures.refused("result " + index + " is " + typeName(result) + " " + Arrays.toString(shape)
                    + ", the tensor bound for it is " + output.dataType() + " " + Arrays.toString(output.shape()));
        }
        PortableArguments.borrowed(output).copy_(result);
    }

    private static void flatten(IValue value, List<org.bytedeco.pytorch.Tensor> tensors) {
        if (value.isTensor()) {
            tensors.add(value.toTensor());
        } else if (value.isTuple()) {
            TupleElements elements = value.toTupleRef().elements();
            for (long i = 0; i < elements.size(); i++) {
                flatten(elements.get(i), tensors);
            }
        } else if (value.isList()) {
            IValueArrayRef elements = value.toListRef();
            for (long i = 0; i < elements.size(); i++) {
                flatten(elements.at(i), tensors);
            }
        } else {
            throw PortableFailures.refused(
                    "only tensors can be bound as outputs, the result has a value of type " + typeName(value));
        }
    }

    private Value value(IValue value) {
        if (value.isTensor()) {
            org.bytedeco.pytorch.Tensor tensor = value.toTensor();
            return tensor.defined() ? tensor(tensor) : Value.none();
        } else if (value.isNone()) {
            return Value.none();
        } else if (value.isInt()) {
            return Value.of(value.toInt());
        } else if (value.isDouble()) {
            return Value.of(value.toDouble());
        } else if (value.isBool()) {
            return Value.of(value.toBool());
        } else if (value.isString()) {
            return Value.of(PortableText.read(value.toStringRef()));
        } else if (value.isList()) {
            return list(value.toListRef());
        } else if (value.isTuple()) {
            return tuple(value.toTupleRef().elements());
        } else if (value.isGenericDict()) {
            return dict(value.toGenericDict());
        }
        throw PortableFailures.unreadable(
                "the result has a value of type " + typeName(value) + ", which Java cannot hold");
    }

    private Value list(IValueArrayRef elements) {
        List<Value> values = new ArrayList<>();
        for (long i = 0; i < elements.size(); i++) {
            values.add(value(elements.at(i)));
        }
        return Value.list(values);
    }

    private Value tuple(TupleElements elements) {
        List<Value> values = new ArrayList<>();
        for (long i = 0; i < elements.size(); i++) {
            values.add(value(elements.get(i)));
        }
        return new Value.TupleValue(values);
    }

    private Value dict(GenericDict dict) {
        Map<Value, Value> entries = new LinkedHashMap<>();
        GenericDictIterator end = dict.end();
        for (GenericDictIterator at = dict.begin(); at.notEquals(end); at.increment()) {
            GenericDictEntryRef entry = at.access();
            Value key = value(entry.key());
            entries.put(key, value(entry.value()));
        }
        return new Value.DictValue(entries);
    }

    private Tensor tensor(org.bytedeco.pytorch.Tensor tensor) {
        refuseUnreadable(tensor);
        DataType type = ScalarTypes.of(code(tensor));
        long[] shape = shape(tensor);
        Tensor made = tensor.numel() == 0 ? Tensor.allocate(type, shape) : copied(tensor, type, shape);
        given.add(made);
        return made;
    }

    /** New memory of LibTorch's: on the CPU and dense, whatever the tensor is. */
    private static Tensor copied(org.bytedeco.pytorch.Tensor tensor, DataType type, long[] shape) {
        TensorOptions options = new TensorOptions(tensor.scalar_type());
        org.bytedeco.pytorch.Tensor copy = torch.empty(shape, options, new MemoryFormatOptional());
        copy.copy_(tensor);
        copy.retainReference(); // beyond the scope of the call
        return Tensor.ofEngine(
                type,
                shape,
                Memory.ofEngine(
                        copy.data_ptr().address(),
                        copy.numel() * type.bytes(),
                        PortableResults::view,
                        copy::deallocate));
    }

    private static ByteBuffer view(long address, int bytes) {
        return new BytePointer(new PortableArguments.Address(address))
                .capacity(bytes)
                .asByteBuffer();
    }

    private static void refuseUnreadable(org.bytedeco.pytorch.Tensor tensor) {
        torch.Layout layout = tensor.layout().intern();
        if (tensor.is_nested() || layout != torch.Layout.Strided) {
            throw PortableFailures.unreadable("the result has a tensor of layout "
                    + (tensor.is_nested() ? "Nested" : layout.name())
                    + ", which Java cannot hold; let the model convert it, with to_dense() for example");
        }
        if (!isKnown(code(tensor))) {
            throw PortableFailures.unreadable("the result has a tensor of type " + typeName(tensor)
                    + ", which Java cannot hold; let the model convert it");
        }
    }

    private static boolean isKnown(int code) {
        for (DataType type : DataType.values()) {
            if (ScalarTypes.code(type) == code) {
                return true;
            }
        }
        return false;
    }

    private static int code(org.bytedeco.pytorch.Tensor tensor) {
        return tensor.scalar_type().value;
    }

    private static long[] shape(org.bytedeco.pytorch.Tensor tensor) {
        long[] shape = new long[Math.toIntExact(tensor.dim())];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = tensor.size(i);
        }
        return shape;
    }

    private static String typeName(org.bytedeco.pytorch.Tensor tensor) {
        int code = code(tensor);
        return isKnown(code)
                ? ScalarTypes.of(code).toString()
                : tensor.scalar_type().intern().name();
    }

    private static String typeName(IValue value) {
        return PortableText.read(value.tagKind());
    }
}
