package dev.cresset.tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A value of TorchScript: what a model's methods take and return. Each kind has TorchScript's own name for it.
 *
 * <p>Values other than tensors are plain immutable Java values. Closing a value closes every tensor inside it, so that a
 * model's whole answer can be closed by one try-with-resources. Values are safe for use by several threads.
 */
public sealed interface Value extends AutoCloseable
        permits Tensor,
                Value.IntValue,
                Value.FloatValue,
                Value.BoolValue,
                Value.StringValue,
                Value.NoneValue,
                Value.TupleValue,
                Value.ListValue,
                Value.DictValue {

    /** TorchScript's {@code int}, which is 64 bits wide. */
    record IntValue(long value) implements Value {
        @Override
        public String toString() {
            return "int " + value;
        }
    }

    /** TorchScript's {@code float}, which is 64 bits wide. */
    record FloatValue(double value) implements Value {
        @Override
        public String toString() {
            return "float " + value;
        }
    }

    /** TorchScript's {@code bool}. */
    record BoolValue(boolean value) implements Value {
        @Override
        public String toString() {
            return "bool " + value;
        }
    }

    /** TorchScript's {@code str}. */
    record StringValue(String value) implements Value {
        public StringValue {
            Objects.requireNonNull(value, "value");
        }

        @Override
        public String toString() {
            return "str '" + value + "'";
        }
    }

    /** TorchScript's {@code None}. */
    record NoneValue() implements Value {
        private static final NoneValue INSTANCE = new NoneValue();

        @Override
        public String toString() {
            return "None";
        }
    }

    /** TorchScript's {@code Tuple}, named or not: a fixed number of values, each of a kind of its own. */
    record TupleValue(List<Value> elements) implements Value {
        public TupleValue {
            elements = List.copyOf(elements);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof TupleValue that && Nested.equal(this, that);
        }

        @Override
        public int hashCode() {
            return Nested.hash(this);
        }

        @Override
        public String toString() {
            return Nested.text(this);
        }
    }

    /** TorchScript's {@code List}: values of one kind. */
    record ListValue(List<Value> elements) implements Value {
        public ListValue {
            elements = List.copyOf(elements);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof ListValue that && Nested.equal(this, that);
        }

        @Override
        public int hashCode() {
            return Nested.hash(this);
        }

        @Override
        public String toString() {
            return Nested.text(this);
        }
    }

    /** TorchScript's {@code Dict}, in its own order. Keys are str, int, float, bool or tensors. */
    record DictValue(Map<Value, Value> entries) implements Value {
        public DictValue {
            entries = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(entries));
            entries.forEach((key, value) -> {
                Nested.requireKey(key);
                Objects.requireNonNull(value, "a value of the dict");
            });
        }

        /** The value under a str key. */
        public Value get(String key) {
            Value value = entries.get(Value.of(key));
            if (value == null) {
                throw new IllegalArgumentException("the dict has no key '" + key + "'; it has " + entries.keySet());
            }
            return value;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof DictValue that && Nested.equal(this, that);
        }

        @Override
        public int hashCode() {
            return Nested.hash(this);
        }

        @Override
        public String toString() {
            return Nested.text(this);
        }
    }

    /** An int. */
    static Value of(long value) {
        return new IntValue(value);
    }

    /** A float. */
    static Value of(double value) {
        return new FloatValue(value);
    }

    /** A bool. */
    static Value of(boolean value) {
        return new BoolValue(value);
    }

    /** A str. */
    static Value of(String value) {
        return new StringValue(value);
    }

    /** None. */
    static Value none() {
        return NoneValue.INSTANCE;
    }

    /** A tuple of these values. */
    static Value tuple(Value... elements) {
        return new TupleValue(List.of(elements));
    }

    /** A list of these values. */
    static Value list(Value... elements) {
        return new ListValue(List.of(elements));
    }

    /** A list of these values. */
    static Value list(List<? extends Value> elements) {
        return new ListValue(new ArrayList<>(elements));
    }

    /** A dict with str keys, in the map's order. */
    static Value dict(Map<String, ? extends Value> entries) {
        Map<Value, Value> values = new LinkedHashMap<>();
        entries.forEach((key, value) -> values.put(of(key), value));
        return new DictValue(values);
    }

    /** This value as a tensor; a {@link ClassCastException} says what it is instead, here and below. */
    default Tensor asTensor() {
        return as(Tensor.class, "a tensor");
    }

    /** This int's value. */
    default long asLong() {
        return as(IntValue.class, "an int").value();
    }

    /** This float's value, or this int's, as a float. */
    default double asDouble() {
        return this instanceof IntValue number
                ? number.value()
                : as(FloatValue.class, "a float").value();
    }

    /** This bool's value. */
    default boolean asBoolean() {
        return as(BoolValue.class, "a bool").value();
    }

    /** This str's value. */
    default String asString() {
        return as(StringValue.class, "a str").value();
    }

    /** The elements of this list or tuple. */
    default List<Value> asList() {
        return this instanceof TupleValue tuple
                ? tuple.elements()
                : as(ListValue.class, "a list or tuple").elements();
    }

    /** This dict. */
    default DictValue asDict() {
        return as(DictValue.class, "a dict");
    }

    /** Whether this is None. */
    default boolean isNone() {
        return this instanceof NoneValue;
    }

    /** Closes every tensor in this value. */
    @Override
    default void close() {
        Nested.close(this);
    }

    private <T extends Value> T as(Class<T> kind, String what) {
        if (kind.isInstance(this)) {
            return kind.cast(this);
        }
        throw new ClassCastException("expected " + what + ", found " + this);
    }
}
