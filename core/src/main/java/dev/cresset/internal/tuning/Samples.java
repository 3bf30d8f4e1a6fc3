package dev.cresset.internal.tuning;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Size;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import dev.cresset.tensor.ValueSpec;
import dev.cresset.tensor.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/** Inputs to try a model with, made from what its tensors must be like. */
public final class Samples {

    private static final double MOST_BYTES = Integer.MAX_VALUE;

    private Samples() {}

    /** Whether all sizes are known, but for the first: it counts items, and one is tried. */
    public static boolean canBeMadeOf(List<TensorSpec> specs) {
        return !specs.isEmpty()
                && specs.stream()
                        .allMatch(
                                spec -> LongStream.of(spec.shape()).skip(1).noneMatch(size -> size == TensorSpec.ANY));
    }

    /** Whether all of them say enough: an exported program's do. */
    public static boolean canBeMadeFor(List<Signature.Parameter> parameters) {
        return !parameters.isEmpty()
                && parameters.stream().allMatch(parameter -> isKnown(parameter.spec(), parameter.type()));
    }

    /** Within a dict of unlike values nothing says whether a part is a list or a tuple, which are not the same. */
    private static boolean isKnown(ValueSpec spec, ValueType type) {
        if (spec instanceof ValueSpec.Parts whole) {
            for (int i = 0; i < whole.parts().size(); i++) {
                if (type.arguments().isEmpty() || !isKnown(whole.parts().get(i), element(type, i))) {
                    return false;
                }
            }
            return !type.arguments().isEmpty() || type.name().equals("Tuple");
        } else if (spec instanceof ValueSpec.Entries dict) {
            return dict.entries().values().stream().allMatch(part -> isKnown(part, valueOf(type)));
        }
        return spec instanceof ValueSpec.OfTensor tensor ? canBeMade(tensor) : !(spec instanceof ValueSpec.Open);
    }

    /** Nobody vouches for the example's sizes, which no writer checks: those of a forged file may be of no tensor. */
    private static boolean canBeMade(ValueSpec.OfTensor tensor) {
        double bytes = tensor.dataType().bytes();
        for (Size size : tensor.sizes()) {
            if (size.example() < 0) {
                return false;
            }
            bytes *= size.example();
        }
        return bytes <= MOST_BYTES;
    }

    /** A list has one type for all of its elements, a tuple one for each. */
    private static ValueType element(ValueType type, int index) {
        return type.arguments().get(Math.min(index, type.arguments().size() - 1));
    }

    /** The type of a dict's values; what may be anything has only itself to say. */
    private static ValueType valueOf(ValueType dict) {
        return dict.arguments().size() == 2 ? dict.arguments().get(1) : dict;
    }

    /** Values that the caller closes, of the sizes that the program was exported with. */
    public static List<Value> ofSignature(List<Signature.Parameter> parameters) {
        Random random = new Random(0);
        return parameters.stream()
                .map(parameter -> sample(parameter.spec(), parameter.type(), parameter.name(), random))
                .toList();
    }

    private static Value sample(ValueSpec spec, ValueType type, String name, Random random) {
        if (spec instanceof ValueSpec.OfTensor tensor) {
            long[] shape = tensor.sizes().stream().mapToLong(Size::example).toArray();
            Tensor sample = filled(tensor.dataType(), shape, random);
            if (name.contains("mask") && tensor.dataType() == DataType.INT64) {
                // Of which zeros would leave nothing to look at.
                sample.asLongBuffer()
                        .put(LongStream.generate(() -> 1)
                                .limit(sample.elements())
                                .toArray());
            }
            return sample;
        } else if (spec instanceof ValueSpec.OfInt number) {
            return Value.of(number.size().example());
        } else if (spec instanceof ValueSpec.Constant constant) {
            return constant.value();
        } else if (spec instanceof ValueSpec.Entries dict) {
            ValueType element = valueOf(type);
            Map<Value, Value> entries = new LinkedHashMap<>();
            dict.entries().forEach((key, part) -> entries.put(Value.of(key), sample(part, element, key, random)));
            return new Value.DictValue(entries);
        }
        List<Value> parts = new ArrayList<>();
        for (ValueSpec part : ((ValueSpec.Parts) spec).parts()) {
            parts.add(sample(part, element(type, parts.size()), name, random));
        }
        return type.name().equals("List") ? Value.list(parts) : new Value.TupleValue(parts);
    }

    /** Tensors that the caller closes: fractions from 0 to 1, zeros where whole numbers are wanted, for they may be indices. */
    public static List<Value> of(List<TensorSpec> specs) {
        Random random = new Random(0);
        List<Value> samples = new ArrayList<>();
        for (TensorSpec spec : specs) {
            long[] shape = LongStream.of(spec.shape())
                    .map(size -> size == TensorSpec.ANY ? 1 : size)
                    .toArray();
            samples.add(filled(spec.dataType(), shape, random));
        }
        return samples;
    }

    /** Values that the caller closes. */
    public static List<Value> copied(List<Value> values) {
        List<Tensor> made = new ArrayList<>();
        boolean success = false;
        try {
            List<Value> copies = values.stream()
                    .map(value -> copied(value, tensor -> added(tensor.copy(), made)))
                    .toList();
            success = true;
            return copies;
        } finally {
            if (!success) {
                made.forEach(Tensor::close);
            }
        }
    }

    private static Tensor added(Tensor tensor, List<Tensor> all) {
        all.add(tensor);
        return tensor;
    }

    /** The value with each tensor in it replaced. */
    static Value copied(Value value, UnaryOperator<Tensor> copy) {
        if (value instanceof Tensor tensor) {
            return copy.apply(tensor);
        } else if (value instanceof Value.TupleValue tuple) {
            return new Value.TupleValue(copied(tuple.elements(), copy));
        } else if (value instanceof Value.ListValue list) {
            return new Value.ListValue(copied(list.elements(), copy));
        } else if (value instanceof Value.DictValue dict) {
            Map<Value, Value> entries = new LinkedHashMap<>();
            dict.entries().forEach((key, element) -> entries.put(copied(key, copy), copied(element, copy)));
            return new Value.DictValue(entries);
        }
        return value;
    }

    private static List<Value> copied(List<Value> values, UnaryOperator<Tensor> copy) {
        return values.stream().map(value -> copied(value, copy)).toList();
    }

    private static Tensor filled(DataType type, long[] shape, Random random) {
        Tensor sample = Tensor.allocate(type, shape);
        if (type == DataType.FLOAT32) {
            float[] numbers = new float[Math.toIntExact(sample.elements())];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = random.nextFloat();
            }
            sample.copyFrom(numbers);
        } else if (type == DataType.FLOAT64) {
            sample.asDoubleBuffer().put(random.doubles(sample.elements()).toArray());
        }
        return sample;
    }
}
