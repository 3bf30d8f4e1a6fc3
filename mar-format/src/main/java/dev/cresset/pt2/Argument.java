package dev.cresset.pt2;

import java.util.List;
import java.util.Map;

/**
 * What an operator is given or gives: a value of the graph by its name, or a constant.
 *
 * <p>Exactly one of the kinds below, which bear the schema's names: {@code as_tensor} is {@link AsTensor}.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public sealed interface Argument {
    /** A tensor by its name. */
    record AsTensor(String name) implements OptionalTensorArgument {}

    /** Tensors by their names. */
    record AsTensors(List<AsTensor> value) implements Argument {
        /** Copies what is given. */
        public AsTensors {
            value = List.copyOf(value);
        }
    }

    /** Python's {@code None}. */
    record AsNone() implements OptionalTensorArgument {}

    /** An integer. */
    record AsInt(long value) implements Argument {}

    /** Integers. */
    record AsInts(List<Long> value) implements Argument {
        /** Copies what is given. */
        public AsInts {
            value = List.copyOf(value);
        }
    }

    /** A floating-point number. */
    record AsFloat(double value) implements Argument {}

    /** Floating-point numbers. */
    record AsFloats(List<Double> value) implements Argument {
        /** Copies what is given. */
        public AsFloats {
            value = List.copyOf(value);
        }
    }

    /** A text. */
    record AsString(String value) implements Argument {}

    /** Texts. */
    record AsStrings(List<String> value) implements Argument {
        /** Copies what is given. */
        public AsStrings {
            value = List.copyOf(value);
        }
    }

    /** An integer that is computed. */
    record AsSymInt(SymIntArgument value) implements Argument {}

    /** Integers, some of them computed. */
    record AsSymInts(List<SymIntArgument> value) implements Argument {
        /** Copies what is given. */
        public AsSymInts {
            value = List.copyOf(value);
        }
    }

    /** A type of elements. */
    record AsScalarType(ScalarType value) implements Argument {}

    /** An order of elements in memory. */
    record AsMemoryFormat(MemoryFormat value) implements Argument {}

    /** A way to keep elements. */
    record AsLayout(Layout value) implements Argument {}

    /** A device. */
    record AsDevice(Device value) implements Argument {}

    /** True or false. */
    record AsBool(boolean value) implements Argument {}

    /** Truth values. */
    record AsBools(List<Boolean> value) implements Argument {
        /** Copies what is given. */
        public AsBools {
            value = List.copyOf(value);
        }
    }

    /** A truth value that is computed. */
    record AsSymBool(SymBoolArgument value) implements Argument {}

    /** Truth values, some of them computed. */
    record AsSymBools(List<SymBoolArgument> value) implements Argument {
        /** Copies what is given. */
        public AsSymBools {
            value = List.copyOf(value);
        }
    }

    /** A graph within the graph, which a higher-order operator runs. */
    record AsGraph(String name, Graph graph) implements Argument {}

    /** Tensors, some of which are left out. */
    record AsOptionalTensors(List<OptionalTensorArgument> value) implements Argument {
        /** Copies what is given. */
        public AsOptionalTensors {
            value = List.copyOf(value);
        }
    }

    /**
     * An object of a class that was registered in C++.
     *
     * @param classFqn the name of its class
     */
    record AsCustomObj(String name, String classFqn) implements Argument {}

    /** An operator by its name. */
    record AsOperator(String value) implements Argument {}

    /** A floating-point number that is computed. */
    record AsSymFloat(SymFloatArgument value) implements Argument {}

    /** Floating-point numbers, some of them computed. */
    record AsSymFloats(List<SymFloatArgument> value) implements Argument {
        /** Copies what is given. */
        public AsSymFloats {
            value = List.copyOf(value);
        }
    }

    /** A tensor that may be left out. */
    record AsOptionalTensor(OptionalTensorArgument value) implements Argument {}

    /** A complex number. */
    record AsComplex(double real, double imag) implements Argument {}

    /** Lists of tensors. */
    record AsNestedTensors(List<List<AsTensor>> value) implements Argument {
        /** Copies what is given. */
        public AsNestedTensors {
            value = value.stream().map(List::copyOf).toList();
        }
    }

    /** Lists of integers. */
    record AsIntLists(List<List<Long>> value) implements Argument {
        /** Copies what is given. */
        public AsIntLists {
            value = value.stream().map(List::copyOf).toList();
        }
    }

    /** Arguments by their names. */
    record AsStringToArgument(Map<String, Argument> value) implements Argument {
        /** Copies what is given. */
        public AsStringToArgument {
            value = Ordered.copyOf(value);
        }
    }

    /** Lists of floating-point numbers. */
    record AsFloatLists(List<List<Double>> value) implements Argument {
        /** Copies what is given. */
        public AsFloatLists {
            value = value.stream().map(List::copyOf).toList();
        }
    }

    /** A tensor that may be left out. */
    sealed interface OptionalTensorArgument extends Argument {}
}
