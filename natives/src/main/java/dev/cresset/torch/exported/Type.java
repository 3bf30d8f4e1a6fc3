package dev.cresset.torch.exported;

import java.util.List;

/**
 * The TorchScript type of a value, as {@code exported/types.h} reads it.
 *
 * <p>Instances are immutable, safe for use by several threads.
 *
 * @param kind its number
 * @param of the types in its brackets
 */
record Type(int kind, List<Type> of) {

    static final Type TENSOR = new Type(0, List.of());
    static final Type INT = new Type(1, List.of());
    static final Type FLOAT = new Type(2, List.of());
    static final Type BOOL = new Type(3, List.of());
    static final Type STRING = new Type(4, List.of());
    static final Type NONE = new Type(5, List.of());
    static final Type ANY = new Type(6, List.of());

    private static final int LIST = 7;
    private static final int TUPLE = 8;

    static Type list(Type element) {
        return new Type(LIST, List.of(element));
    }

    static Type tuple(List<Type> elements) {
        return new Type(TUPLE, List.copyOf(elements));
    }

    static Type dict(Type value) {
        return new Type(9, List.of(value));
    }

    static Type optional(Type type) {
        return new Type(10, List.of(type));
    }

    /** The one type that all of them are, {@link #ANY} if there is none. */
    static Type common(List<Type> types) {
        List<Type> some =
                types.stream().filter(type -> !type.equals(NONE)).distinct().toList();
        if (types.isEmpty()) {
            return TENSOR;
        }
        if (some.size() > 1) {
            return ANY;
        }
        if (some.isEmpty()) {
            return NONE;
        }
        return types.contains(NONE) ? optional(some.get(0)) : some.get(0);
    }

    boolean isList() {
        return kind == LIST;
    }

    void write(Words words) {
        words.word(kind);
        if (kind == TUPLE) {
            words.word(of.size());
        }
        of.forEach(type -> type.write(words));
    }
}
