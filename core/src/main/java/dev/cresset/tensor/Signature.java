package dev.cresset.tensor;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model's methods take and return, as its module declares it. TorchScript declares kinds of values, not the types
 * and sizes of tensors; a {@link TensorSpec} can say those. An exported program declares both ({@link Parameter#spec}).
 *
 * <p>Instances are immutable, safe for use by several threads.
 *
 * @param methods the methods by name, in the module's order
 */
public record Signature(Map<String, Method> methods) {

    public Signature {
        methods = Collections.unmodifiableMap(new LinkedHashMap<>(methods));
    }

    /**
     * A method that can be called from outside.
     *
     * @param name its name, {@code forward} for most
     * @param parameters what it takes, in order
     * @param result what it returns
     */
    public record Method(String name, List<Parameter> parameters, ValueType result) {
        public Method {
            parameters = List.copyOf(parameters);
        }

        /** How many arguments have to be given. */
        public int required() {
            return (int) parameters.stream().filter(p -> !p.optional()).count();
        }

        @Override
        public String toString() {
            return name + "("
                    + String.join(
                            ", ", parameters.stream().map(Parameter::toString).toList()) + ") -> " + result;
        }
    }

    /**
     * A parameter of a method.
     *
     * @param name its name in the module's source
     * @param type what it takes
     * @param optional whether it has a default, so that it may be left out at the end
     * @param spec what else is known of it
     */
    public record Parameter(String name, ValueType type, boolean optional, ValueSpec spec) {
        /** One of whose values only the type is known, as TorchScript declares it. */
        public Parameter(String name, ValueType type, boolean optional) {
            this(name, type, optional, new ValueSpec.Open());
        }

        @Override
        public String toString() {
            String sizes =
                    spec instanceof ValueSpec.OfTensor tensor ? tensor.sizes() + " (" + tensor.dataType() + ")" : "";
            return name + ": " + type + sizes + (optional ? " = ..." : "");
        }
    }

    @Override
    public String toString() {
        return String.join("; ", methods.values().stream().map(Method::toString).toList());
    }
}
