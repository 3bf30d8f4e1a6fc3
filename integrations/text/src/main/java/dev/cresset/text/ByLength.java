package dev.cresset.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Lists of texts, asked by length: those of one length come together and fill batches, and the longest come first, so that the
 * last batches, for which some workers may wait, are short ones.
 */
final class ByLength {

    /** From here on, several threads cut texts into tokens faster than the model takes them. */
    private static final int MANY = 256;

    private ByLength() {}

    /**
     * Answers, in the order of the requests.
     *
     * @param encode cuts a request into tokens, on several threads at once
     * @param ask answers what is given, in order
     * @param answer what becomes of the tokens and the model's answer
     */
    static <I, V, O> List<O> answer(
            List<I> requests,
            Function<I, Encoding> encode,
            Function<List<Encoding>, List<V>> ask,
            BiFunction<Encoding, V, O> answer) {
        if (requests.isEmpty()) {
            return List.of();
        }
        List<I> all = new ArrayList<>(requests);
        Encoding[] encodings = new Encoding[all.size()];
        IntStream places = IntStream.range(0, encodings.length);
        (encodings.length < MANY ? places : places.parallel()).forEach(i -> encodings[i] = encode.apply(all.get(i)));

        Integer[] order = new Integer[encodings.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingInt(i -> -encodings[i].size()));
        List<V> found = ask.apply(Arrays.stream(order).map(i -> encodings[i]).toList());

        List<O> answers = new ArrayList<>(Arrays.asList(emptyLike(encodings.length)));
        for (int i = 0; i < order.length; i++) {
            answers.set(order[i], answer.apply(encodings[order[i]], found.get(i)));
        }
        return answers;
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // every place is filled before anybody sees it
    private static <O> O[] emptyLike(int size) {
        return (O[]) new Object[size];
    }
}
