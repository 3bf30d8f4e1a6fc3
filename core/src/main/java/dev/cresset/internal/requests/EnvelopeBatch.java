package dev.cresset.internal.requests;

import static java.util.Objects.requireNonNull;

import dev.cresset.Envelope;
import dev.cresset.InferenceException;
import dev.cresset.InvalidInputException;
import dev.cresset.ModelExecutionException;
import dev.cresset.Outcome;
import dev.cresset.internal.Failures;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Several requests in envelopes, whose items are asked together. Used by one thread. */
public final class EnvelopeBatch<I, O> {

    private final List<Part<I, O>> parts = new ArrayList<>();
    private final List<I> items = new ArrayList<>();
    private final Consumer<Throwable> counter;

    /** A request: read, or why it could not be. */
    private record Part<I, O>(
            Envelope.@Nullable Opened<I, O> request,
            int size,
            @Nullable InferenceException failure) {}

    /**
     * Reads the requests.
     *
     * @param counter told of each that cannot be read
     */
    public EnvelopeBatch(Envelope<I, O> envelope, Consumer<Throwable> counter, List<I> requests) {
        this.counter = counter;
        for (I request : requests) {
            try {
                Envelope.Opened<I, O> opened = envelope.open(request);
                List<I> found = opened.items();
                items.addAll(found);
                parts.add(new Part<>(opened, found.size(), null));
            } catch (RuntimeException e) {
                counter.accept(e);
                parts.add(new Part<>(null, 0, typed(e)));
            }
        }
    }

    /** What the handler is asked: the items of all requests, one after the other. */
    public List<I> items() {
        return items;
    }

    /** What became of each request, from what became of its items. */
    public List<Outcome<O>> outcomes(List<Outcome<O>> ofItems) {
        List<Outcome<O>> outcomes = new ArrayList<>(parts.size());
        int next = 0;
        for (Part<I, O> part : parts) {
            outcomes.add(outcome(part, ofItems.subList(next, next + part.size())));
            next += part.size();
        }
        return outcomes;
    }

    private Outcome<O> outcome(Part<I, O> part, List<Outcome<O>> ofItems) {
        Envelope.Opened<I, O> request = part.request();
        if (request == null || part.failure() != null) {
            return Outcome.failed(requireNonNull(part.failure()));
        }
        List<O> answers = new ArrayList<>(ofItems.size());
        for (int i = 0; i < ofItems.size(); i++) {
            InferenceException failure = ofItems.get(i).failure().orElse(null);
            if (failure instanceof InvalidInputException invalid && ofItems.size() > 1) {
                return Outcome.failed(Failures.ofItem(i, ofItems.size(), invalid));
            } else if (failure != null) {
                return Outcome.failed(failure);
            }
            answers.add(ofItems.get(i).answer());
        }
        try {
            return Outcome.answered(request.answer(answers));
        } catch (RuntimeException e) {
            counter.accept(e);
            return Outcome.failed(typed(e));
        }
    }

    /** Envelopes are the caller's, and may throw what they like. */
    private static InferenceException typed(RuntimeException e) {
        return e instanceof InferenceException known
                ? known
                : new ModelExecutionException("the envelope failed: " + e, e);
    }
}
