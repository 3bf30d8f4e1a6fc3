package dev.cresset.text;

import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Neighbouring tokens of one label, put together by the rules of transformers' token classification pipeline.
 *
 * @param label theirs
 * @param probability the mean of theirs
 * @param start where the first starts, in code points
 * @param end where the last ends
 */
record TokenGroup(String label, float probability, int start, int end) {

    /** The groups of the first text's tokens, those of nothing among them. */
    static List<TokenGroup> all(Encoding encoding, Tensor logits, Labels labels, Aggregation aggregation) {
        float[] scores = logits.toFloatArray();
        int classes = (int) logits.shape()[1];
        List<TokenGroup> groups = new ArrayList<>();
        List<TokenGroup> open = new ArrayList<>();
        for (int token = 0; token < encoding.size(); token++) {
            if (encoding.sequence(token) != 0) {
                continue;
            }
            int from = token * classes;
            ScoreFunction.SOFTMAX.apply(scores, from, from + classes);
            int best = from;
            for (int i = from; i < from + classes; i++) {
                best = scores[i] > scores[best] ? i : best;
            }
            TokenGroup one =
                    new TokenGroup(labels.name(best - from), scores[best], encoding.start(token), encoding.end(token));
            if (aggregation == Aggregation.NONE) {
                groups.add(one);
                continue;
            }
            if (!open.isEmpty() && !one.goesOn(open.get(open.size() - 1))) {
                groups.add(together(open));
                open.clear();
            }
            open.add(one);
        }
        if (!open.isEmpty()) {
            groups.add(together(open));
        }
        return groups;
    }

    private boolean goesOn(TokenGroup before) {
        return !label.startsWith("B-") && tag().equals(before.tag());
    }

    private String tag() {
        return label.startsWith("B-") || label.startsWith("I-") ? label.substring(2) : label;
    }

    private static TokenGroup together(List<TokenGroup> tokens) {
        double sum = 0;
        for (TokenGroup token : tokens) {
            sum += token.probability;
        }
        TokenGroup first = tokens.get(0);
        String name = first.label.substring(first.label.indexOf('-') + 1);
        return new TokenGroup(name, (float) (sum / tokens.size()), first.start, tokens.get(tokens.size() - 1).end);
    }

    /** The entity in its text. */
    Entity in(String text) {
        int from = text.offsetByCodePoints(0, start);
        int to = text.offsetByCodePoints(from, end - start);
        return new Entity(label, text.substring(from, to), probability, from, to);
    }
}
