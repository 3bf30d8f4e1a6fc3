package dev.cresset.tensor;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a value must be like, besides its {@link ValueType}: the type and the sizes of a tensor, the one value that a constant
 * has. An exported program says it of all that it takes, TorchScript of nothing.
 *
 * <p>Instances are immutable, safe for use by several threads.
 */
public sealed interface ValueSpec
        permits ValueSpec.Open,
                ValueSpec.OfTensor,
                ValueSpec.OfInt,
                ValueSpec.Constant,
                ValueSpec.Parts,
                ValueSpec.Entries {

    /** Nothing more is known than its type. */
    record Open() implements ValueSpec {}

    /**
     * A tensor.
     *
     * @param dataType the type of its elements
     * @param sizes its shape
     */
    record OfTensor(DataType dataType, List<Size> sizes) implements ValueSpec {
        public OfTensor {
            sizes = List.copyOf(sizes);
        }
    }

    /**
     * A whole number that the program computes sizes with.
     *
     * @param size what it may be
     */
    record OfInt(Size size) implements ValueSpec {}

    /**
     * What was a constant when the program was exported: the program computes with that, whatever it is given.
     *
     * @param value the only one that it takes
     */
    record Constant(Value value) implements ValueSpec {}

    /**
     * A list or a tuple.
     *
     * @param parts what each of its elements must be like; it has as many
     */
    record Parts(List<ValueSpec> parts) implements ValueSpec {
        public Parts {
            parts = List.copyOf(parts);
        }
    }

    /**
     * A dict with texts for keys.
     *
     * @param entries what each of its values must be like; it has these keys and no other
     */
    record Entries(Map<String, ValueSpec> entries) implements ValueSpec {
        public Entries {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }
    }
}
