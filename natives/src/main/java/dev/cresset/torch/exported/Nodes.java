package dev.cresset.torch.exported;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The nodes of a block, in the numbers and words that {@code exported/method.cpp} reads. Used by one thread. */
final class Nodes {

    private final Words words = new Words();
    private final Numbers numbers;
    private int count;

    /** Gives each value of a method a number, and counts the nodes that it is lowered from. */
    static final class Numbers {

        /** Conditions of loops are written twice: before the first round, and after each. */
        private static final int MOST_TIMES = 16;

        private static final int FEW = 1000;

        private final long most;
        private long lowered;
        private int next;

        /** For a program of so many nodes, those of its inner graphs among them. */
        Numbers(long nodes) {
            most = MOST_TIMES * nodes + FEW;
        }

        /** One more node, perhaps of a graph that has been written before. */
        void lowered() {
            if (++lowered > most) {
                throw new UnsupportedProgram("it has loops within the conditions of loops, so deep that it becomes more"
                        + " than " + most + " nodes; export it without");
            }
        }

        int next() {
            return next++;
        }
    }

    /** What becomes of a result of a call. */
    sealed interface Result {
        /** Nobody wants it. */
        record Unused() implements Result {}

        /** It becomes a value. */
        record One(int number) implements Result {}

        /** It is a list, whose elements become values. */
        record Elements(List<Integer> numbers) implements Result {}
    }

    Nodes(Numbers numbers) {
        this.numbers = numbers;
    }

    Numbers numbers() {
        return numbers;
    }

    /** A block inside this one. */
    Nodes inner() {
        return new Nodes(numbers);
    }

    void write(Words to) {
        to.word(count).append(words);
    }

    private Words node(int kind) {
        count++;
        return words.word(kind);
    }

    private int define() {
        int number = numbers.next();
        words.word(number);
        return number;
    }

    private List<Integer> define(int howMany) {
        words.word(howMany);
        return IntStream.range(0, howMany).mapToObj(i -> define()).toList();
    }

    private void values(List<Operand> operands) {
        List<Integer> all = operands.stream().map(this::number).toList();
        words.word(all.size());
        all.forEach(words::word);
    }

    Operand attribute(int attribute) {
        node(0).word(attribute);
        return Operand.value(define());
    }

    void call(String name, String overload, Map<String, Operand> operands, List<Result> results) {
        node(1).text(name).text(overload).word(operands.size());
        operands.forEach((argument, operand) -> {
            words.text(argument);
            operand.write(words);
        });
        words.word(results.size());
        for (Result result : results) {
            if (result instanceof Result.One one) {
                words.word(1).word(one.number);
            } else if (result instanceof Result.Elements elements) {
                words.word(2).word(elements.numbers.size());
                elements.numbers.forEach(words::word);
            } else {
                words.word(0);
            }
        }
    }

    /** A call of one result; names and operands in turns. */
    Operand call(String name, String overload, Object... namesAndOperands) {
        Map<String, Operand> operands = new LinkedHashMap<>();
        for (int i = 0; i < namesAndOperands.length; i += 2) {
            operands.put((String) namesAndOperands[i], (Operand) namesAndOperands[i + 1]);
        }
        int number = numbers.next();
        call(name, overload, operands, List.of(new Result.One(number)));
        return Operand.value(number);
    }

    /** A call of the overload that fits. */
    Operand matched(String name, Type wanted, List<Operand> operands) {
        node(2).text(name).word(operands.size());
        operands.forEach(operand -> operand.write(words));
        wanted.write(words);
        return Operand.value(define());
    }

    List<Integer> unpack(Operand whole, int parts) {
        int number = number(whole);
        node(3).word(number);
        return define(parts);
    }

    Operand tuple(List<Operand> elements) {
        List<Operand> all = elements.stream().map(this::asValue).toList();
        node(4);
        values(all);
        return Operand.value(define());
    }

    Operand list(Type element, List<Operand> elements) {
        List<Operand> all = elements.stream().map(this::asValue).toList();
        node(5);
        element.write(words);
        values(all);
        return Operand.value(define());
    }

    Operand dict(Type value, Map<String, Operand> entries) {
        Map<String, Integer> all = new LinkedHashMap<>();
        entries.forEach((key, operand) -> all.put(key, number(operand)));
        node(6);
        value.write(words);
        words.word(all.size());
        all.forEach((key, number) -> words.text(key).word(number));
        return Operand.value(define());
    }

    Operand entry(Operand dict, String key, Type type) {
        int number = number(dict);
        node(7).word(number).text(key);
        type.write(words);
        return Operand.value(define());
    }

    /** A block and what comes out of it. */
    record Branch(Nodes nodes, List<Operand> results) {
        private void write(Words to) {
            List<Integer> numbers = results.stream().map(nodes::number).toList();
            nodes.write(to);
            to.word(numbers.size());
            numbers.forEach(to::word);
        }
    }

    List<Operand> branch(Operand condition, Branch yes, Branch no) {
        int number = number(condition);
        node(8).word(number);
        yes.write(words);
        no.write(words);
        return define(yes.results.size()).stream().map(Operand::value).toList();
    }

    /** The values of a round, before its block is written. */
    record Round(Operand number, List<Operand> carried) {}

    Round round(int carried) {
        return new Round(
                Operand.value(numbers.next()),
                IntStream.range(0, carried)
                        .mapToObj(i -> Operand.value(numbers.next()))
                        .toList());
    }

    List<Operand> loop(Operand condition, List<Operand> carried, Round round, Branch body, Operand goesOn) {
        List<Operand> all = carried.stream().map(this::asValue).toList();
        int first = number(condition);
        int again = body.nodes.number(goesOn);
        node(9).word(first);
        values(all);
        words.word(number(round.number));
        round.carried.forEach(value -> words.word(number(value)));
        body.write(words);
        words.word(again);
        return carried.stream().map(value -> Operand.value(define())).toList();
    }

    /** What must hold, and the sentence where it does not. */
    void check(Operand condition, String message) {
        int number = number(condition);
        node(11).word(number).text(message);
    }

    private Operand asValue(Operand operand) {
        return Operand.value(number(operand));
    }

    /** A constant or a list becomes a value here. */
    int number(Operand operand) {
        if (operand instanceof Operand.OfValue value) {
            return value.number();
        }
        node(10);
        operand.write(words);
        return define();
    }
}
