package dev.cresset.internal.warmup;

import dev.cresset.Envelope;
import dev.cresset.InferenceException;
import dev.cresset.ModelLoadException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a predictor answers before anybody else asks it: samples of the archive's, then those given in code. The first
 * one is also what its model is tuned with.
 *
 * <p>Used by one thread.
 */
public final class WarmUp<I, O> {
    private static final int LONGEST_ANSWER = 200;

    private final String model;
    private final List<Sample<I, O>> samples;
    private @Nullable I tunedWith;

    /** Says what is wrong with an answer, in words that follow "the answer to the sample", or nothing. */
    interface Check<O> {
        Optional<String> refusal(O answer);
    }

    /** Samples that are read when they are needed. */
    public interface Source<I, O> {
        List<Sample<I, O>> read() throws IOException;
    }

    /**
     * A request, and what is checked of its answer.
     *
     * @param file the archive's file that holds the request; none if it was given in code
     */
    public record Sample<I, O>(Optional<String> file, I request, Check<? super O> check) {

        public static <I, O> Sample<I, O> of(I request) {
            return new Sample<>(Optional.empty(), request, answer -> Optional.empty());
        }

        public static <I, O> Sample<I, O> of(I request, Predicate<? super O> accepted) {
            Check<O> check = answer -> accepted.test(answer)
                    ? Optional.empty()
                    : Optional.of("is " + shown(answer) + ", which its check refuses");
            return new Sample<>(Optional.empty(), request, check);
        }

        String wayOut() {
            return file.isPresent()
                    ? "; correct the archive, or open it with Predictor.Builder.withoutArchiveSamples"
                    : "; correct the sample or the model";
        }
    }

    public WarmUp(String model, List<Sample<I, O>> ofArchive, List<Sample<I, O>> ofCode) {
        this.model = model;
        this.samples = Stream.concat(ofArchive.stream(), ofCode.stream()).toList();
    }

    /** The item to tune the model with; of several in an envelope, the first. */
    public Optional<I> item(@Nullable Envelope<I, O> form) {
        if (samples.isEmpty()) {
            return Optional.empty();
        }
        I request = samples.get(0).request();
        try {
            tunedWith = form == null
                    ? request
                    : form.open(request).items().stream().findFirst().orElse(null);
        } catch (InferenceException e) {
            throw unanswered(0, e);
        }
        return Optional.ofNullable(tunedWith);
    }

    /** Makes something of an item; should this fail, and the item be a sample's, the sample is to be named. */
    public <T> T of(I item, Supplier<T> made) {
        try {
            return made.get();
        } catch (InferenceException e) {
            throw item == tunedWith ? unanswered(0, e) : e;
        }
    }

    /** Has all samples answered, and checks the answers. The first run is a slow one: answers may take what they take. */
    public void run(Function<I, O> predict) {
        for (int i = 0; i < samples.size(); i++) {
            run(i, predict);
        }
    }

    private void run(int index, Function<I, O> predict) {
        Sample<I, O> sample = samples.get(index);
        O answer;
        try {
            answer = predict.apply(sample.request());
        } catch (InferenceException e) {
            throw unanswered(index, e);
        }
        Optional<String> refusal;
        try {
            refusal = sample.check().refusal(answer);
        } catch (RuntimeException | AssertionError e) {
            throw refused(index, "is " + shown(answer) + ", for which its check throws " + oneLine(e.toString()), e);
        }
        refusal.ifPresent(how -> {
            throw refused(index, how, null);
        });
    }

    private ModelLoadException refused(int index, String how, @Nullable Throwable cause) {
        return new ModelLoadException(
                model + ": the answer to " + named(index) + " " + how
                        + samples.get(index).wayOut(),
                cause);
    }

    private ModelLoadException unanswered(int index, InferenceException e) {
        String reason = String.valueOf(e.getMessage());
        // Most failures name the archive, which stands at the start of the sentence already.
        String prefix = model + ": ";
        return new ModelLoadException(
                prefix + named(index) + " has no answer: "
                        + (reason.startsWith(prefix) ? reason.substring(prefix.length()) : reason)
                        + samples.get(index).wayOut(),
                e);
    }

    private String named(int index) {
        return "warm-up sample " + (index + 1) + " of " + samples.size()
                + samples.get(index).file().map(file -> " ('" + file + "')").orElse("");
    }

    /** An answer in a message: arrays with what they hold, on one line, for recognising it. */
    private static String shown(@Nullable Object answer) {
        String inBrackets = Arrays.deepToString(new @Nullable Object[] {answer});
        return oneLine(inBrackets.substring(1, inBrackets.length() - 1));
    }

    static String oneLine(String text) {
        String line = text.strip().replaceAll("\\s+", " ").replaceAll("\\p{Cntrl}", "?");
        return line.length() <= LONGEST_ANSWER ? line : line.substring(0, LONGEST_ANSWER) + "...";
    }
}
