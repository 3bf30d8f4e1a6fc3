package dev.cresset.torch.exported;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a node is given, as {@code exported/operands.h} reads it: a value by its number, a constant, or a list of such.
 *
 * <p>Instances are immutable, safe for use by several threads.
 */
sealed interface Operand {

    /** Python's {@code None}. */
    record None() implements Operand {}

    /** A value of the method. */
    record OfValue(int number) implements Operand {}

    /** What is written down after its kind. */
    record Constant(int kind, Supplier<Words> words) implements Operand {}

    /** Others in a list. */
    record OfList(Type element, List<Operand> elements) implements Operand {
        public OfList {
            elements = List.copyOf(elements);
        }
    }

    static Operand none() {
        return new None();
    }

    static Operand value(int number) {
        return new OfValue(number);
    }

    static Operand of(long number) {
        return new Constant(2, () -> new Words().word(number));
    }

    static Operand of(double number) {
        return new Constant(3, () -> new Words().bits(number));
    }

    static Operand of(boolean flag) {
        return new Constant(4, () -> new Words().flag(flag));
    }

    static Operand of(String text) {
        return new Constant(5, () -> new Words().text(text));
    }

    static Operand complex(double real, double imaginary) {
        return new Constant(6, () -> new Words().bits(real).bits(imaginary));
    }

    /** The only device there is here, whichever it was when the program was exported. */
    static Operand cpu() {
        return new Constant(7, () -> new Words().text("cpu"));
    }

    static <T> Operand list(Type element, List<T> elements, Function<T, Operand> each) {
        return new OfList(element, elements.stream().map(each).toList());
    }

    default void write(Words to) {
        if (this instanceof OfValue value) {
            to.word(1).word(value.number);
        } else if (this instanceof Constant constant) {
            to.word(constant.kind).append(constant.words.get());
        } else if (this instanceof OfList list) {
            to.word(8);
            list.element.write(to);
            to.word(list.elements.size());
            list.elements.forEach(element -> element.write(to));
        } else {
            to.word(0);
        }
    }
}
