package dev.cresset.torch.exported;

import dev.cresset.tensor.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What must hold of the inputs of a call, as Python says it: {@code L['x'].size()[0] % 2 == 0}. The example that a program was exported with
 * decided some of its branches; with inputs that would decide them otherwise its answers would be wrong, and Python refuses to call it.
 *
 * <p>Instances are immutable, safe for use by several threads.
 */
public final class Guard {

    private final String text;
    private final Expression expression;
    private final Map<String, Expression> inputs;

    private Guard(String text, Expression expression, Map<String, Expression> inputs) {
        this.text = text;
        this.expression = expression;
        this.inputs = inputs;
    }

    /** A value of Python's: a whole number, a fraction, or a truth value, which is one or zero. */
    interface Expression {
        Number of(List<Value> arguments);
    }

    /** Reads one of a method that has these parameters; empty where it says more than can be read. */
    static Optional<Guard> read(String text, List<String> parameters) {
        GuardReader reader = new GuardReader(text, parameters);
        return reader.whole().map(read -> new Guard(text, read, reader.inputs()));
    }

    /** Whether it holds of the arguments; those that are too large to be computed with are let through. */
    public boolean holds(List<Value> arguments) {
        try {
            return GuardReader.isTrue(expression.of(arguments));
        } catch (DivisionByZero e) {
            return false; // for which Python raises an error
        } catch (ArithmeticException | IllegalArgumentException | IndexOutOfBoundsException e) {
            return true; // no sizes, which were looked at before
        }
    }

    /** What it is about, of arguments that it does not hold of: {@code x.size()[0] is 5}. */
    public String found(List<Value> arguments) {
        return inputs.entrySet().stream()
                .map(input -> input.getKey() + " is " + found(input.getValue(), arguments))
                .collect(Collectors.joining(", "));
    }

    private static String found(Expression input, List<Value> arguments) {
        try {
            return input.of(arguments).toString();
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return "not there"; // behind what does not hold already
        }
    }

    /** For sentences: {@code x.size()[0] % 2 == 0}. */
    @Override
    public String toString() {
        return GuardReader.withoutLocals(text);
    }

    /** What Python calls a ZeroDivisionError. */
    static final class DivisionByZero extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DivisionByZero() {
            super("division by zero", null, false, false);
        }
    }
}
