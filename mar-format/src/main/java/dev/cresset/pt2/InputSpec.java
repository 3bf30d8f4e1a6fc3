package dev.cresset.pt2;

/**
 * What an input of a program's graph is.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public sealed interface InputSpec {
    /** What the caller gives. */
    record UserInput(Argument arg) implements InputSpec {}

    /** A parameter, by its name in the module. */
    record Parameter(Argument.AsTensor arg, String parameterName) implements InputSpec {}

    /**
     * A buffer, by its name in the module.
     *
     * @param persistent whether it is one of the weights; if not, it is one of the constants
     */
    record Buffer(Argument.AsTensor arg, String bufferName, boolean persistent) implements InputSpec {}

    /** A tensor that the module's code made for itself. */
    record TensorConstant(Argument.AsTensor arg, String tensorConstantName) implements InputSpec {}

    /** An object of a class that was registered in C++. */
    record CustomObj(Argument.AsCustomObj arg, String customObjName) implements InputSpec {}

    /** What orders effects: no value at all. */
    record Token(Argument.AsTensor arg) implements InputSpec {}

    /** What the caller gives, and what has to be the value it had when the program was exported. */
    record ConstantInput(String name, ConstantValue value) implements InputSpec {}
}
