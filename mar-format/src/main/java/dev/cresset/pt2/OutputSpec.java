package dev.cresset.pt2;

/**
 * What an output of a program's graph is.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public sealed interface OutputSpec {
    /** What the caller gets. */
    record UserOutput(Argument arg) implements OutputSpec {}

    /** What was trained for. */
    record LossOutput(Argument.AsTensor arg) implements OutputSpec {}

    /** What a buffer is after the call. */
    record BufferMutation(Argument.AsTensor arg, String bufferName) implements OutputSpec {}

    /** What a parameter is after the call. */
    record ParameterMutation(Argument.AsTensor arg, String parameterName) implements OutputSpec {}

    /** The gradient of a parameter. */
    record GradientToParameter(Argument.AsTensor arg, String parameterName) implements OutputSpec {}

    /** The gradient of an input. */
    record GradientToUserInput(Argument.AsTensor arg, String userInputName) implements OutputSpec {}

    /** What an input that the caller gave is after the call. */
    record UserInputMutation(Argument.AsTensor arg, String userInputName) implements OutputSpec {}

    /** What orders effects: no value at all. */
    record Token(Argument.AsTensor arg) implements OutputSpec {}
}
