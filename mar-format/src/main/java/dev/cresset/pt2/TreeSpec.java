package dev.cresset.pt2;

import java.util.List;

/**
 * How values are put together in Python: what {@code torch.export} calls a pytree.
 *
 * <p>Values are numbered in order: those of the first child come first.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public sealed interface TreeSpec {
    /** Returns what it is put together of, in order. */
    List<TreeSpec> children();

    /** One value. */
    record Leaf() implements TreeSpec {
        @Override
        public List<TreeSpec> children() {
            return List.of();
        }
    }

    /** A tuple. */
    record Tuple(List<TreeSpec> children) implements TreeSpec {
        /** Copies what is given. */
        public Tuple {
            children = List.copyOf(children);
        }
    }

    /**
     * A list.
     *
     * @param type {@code builtins.list} or {@code collections.deque}
     */
    record Sequence(String type, List<TreeSpec> children) implements TreeSpec {
        /** Copies what is given. */
        public Sequence {
            children = List.copyOf(children);
        }
    }

    /**
     * A dictionary, or what is one by another name, such as the outputs of transformers' models.
     *
     * @param type such as {@code builtins.dict}, or the qualified name of a class
     * @param keys as many as there are children
     */
    record Mapping(String type, List<ConstantValue> keys, List<TreeSpec> children) implements TreeSpec {
        /** Copies what is given. */
        public Mapping {
            keys = List.copyOf(keys);
            children = List.copyOf(children);
        }
    }

    /**
     * A named tuple.
     *
     * @param type the qualified name of its class
     * @param fields as many as there are children; empty if the writer did not keep them
     */
    record NamedTuple(String type, List<String> fields, List<TreeSpec> children) implements TreeSpec {
        /** Copies what is given. */
        public NamedTuple {
            fields = List.copyOf(fields);
            children = List.copyOf(children);
        }
    }

    /**
     * An instance of a data class.
     *
     * @param type the qualified name of the class
     * @param fields those that hold the children
     * @param noneFields those that are {@code None}
     */
    record DataClass(String type, List<String> fields, List<String> noneFields, List<TreeSpec> children)
            implements TreeSpec {
        /** Copies what is given. */
        public DataClass {
            fields = List.copyOf(fields);
            noneFields = List.copyOf(noneFields);
            children = List.copyOf(children);
        }
    }

    /**
     * What somebody registered, and put together in a way of his own.
     *
     * @param type the name it was registered by
     * @param context what it keeps besides its children: JSON, mostly
     */
    record Other(String type, String context, List<TreeSpec> children) implements TreeSpec {
        /** Copies what is given. */
        public Other {
            children = List.copyOf(children);
        }
    }
}
