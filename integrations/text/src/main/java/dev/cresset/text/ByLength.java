package dev.cresset.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Lists of texts, asked by length, longest first. Neighbours then differ by little: as many as go into a batch are filled up to
 * the longest of them, and no text pays for a much longer one. The last batches, for which some workers may wait, are short.
 */
final class ByLength {

    /** From here on, several threads cut texts into tokens faster than the model takes them. */
    private static final int MANY = 256;

    private ByLength() {}

    /**
     * Answers, in the order of the requests.
     *
     * @param batch how many go into a batch
     * @param encode cuts a request into tokens, on several threads at once
     * @param ask answers what is given, in order
     * @param answer what becomes of the tokens and the model's answer
     */
    static <I, V, O> List<O> answer(
            List<I> requests,
            int batch,
            Function<I, Encoding> encode,
            Function<List<FilledEncoding>, List<V>> ask,
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
        List<FilledEncoding> sorted = new ArrayList<>(order.length);
        for (int i = 0; i < order.length; i++) {
            int longest = encodings[order[i / batch * batch]].size();
            sorted.add(new FilledEncoding(encodings[order[i]], longest));
        }
        List<V> found = ask.apply(sorted);

        Integer[] rank = new Integer[order.length];
        for (int i = 0; i < order.length; i++) {
            rank[order[i]] = i;
        }
        List<O> answers = new ArrayList<>(order.length);
        for (int i = 0; i < order.length; i++) {
            answers.add(answer.apply(encodings[i], found.get(rank[i])));
        }
        return Collections.unmodifiableList(answers);
    }
}
