package dev.cresset.internal.tuning;

import dev.cresset.engine.EngineException;
import dev.cresset.internal.Failures;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.BooleanSupplier;

/**
 * The second net: holds a way to the module's own answers on copies of the samples that hold {@link SpecialValue}s. Numbers on which the
 * module itself fails are left out, and so are those for which there is no time; of a module that might never answer, all.
 *
 * <p>Used by one thread.
 */
public final class SpecialValues {
    private final List<Value> samples;
    private final Agreement agreement;
    private String untried = "";

    SpecialValues(List<Value> samples, Agreement agreement) {
        this.samples = samples;
        this.agreement = agreement;
    }

    /** What the last way that was not refused was not tried on, and why, as the end of a sentence; empty if it was on all. */
    String untried() {
        return untried;
    }

    /**
     * Says what a way answers wrongly, or nothing.
     *
     * @param plain the module's answer to the samples
     * @param right its answers to special values
     * @param way what is warm, and has answered the samples
     * @param isLate whether there is no time for another number
     */
    Optional<String> refusal(Value plain, SpecialValueAnswers right, CandidateModel way, BooleanSupplier isLate) {
        if (right.mightNeverCome()) {
            untried = ", not tried on odd numbers, with which a call might never end";
            return Optional.empty();
        }
        StringJoiner left = new StringJoiner(", ", ", without time to try ", "").setEmptyValue("");
        Optional<String> refusal = Optional.empty();
        for (SpecialValue special : SpecialValue.values()) {
            if (!right.wasAsked(special) || isLate.getAsBoolean()) {
                left.add(special.toString());
            } else if (refusal.isEmpty()) {
                refusal = right.to(special).flatMap(expected -> refusal(special, plain, expected, way));
            }
        }
        if (refusal.isEmpty()) {
            untried = left.toString();
        }
        return refusal;
    }

    private Optional<String> refusal(SpecialValue special, Value plain, Value expected, CandidateModel way) {
        try (EqualInputs inputs = new EqualInputs(samples)) {
            special.sowInto(inputs.tensors());
            return found(special, inputs, way, plain, expected).map(how -> how + " where an input holds " + special);
        }
    }

    private Optional<String> found(
            SpecialValue special, EqualInputs inputs, CandidateModel way, Value plain, Value expected) {
        try (Value found = way.model().invoke("forward", inputs.arguments())) {
            return new SpecialValueAgreement(special, agreement)
                    .difference(new SpecialValueAgreement.Answers(plain, way.answer(), expected, found));
        } catch (EngineException e) {
            return Optional.of("fails: " + Failures.tellingLine(e.reason()));
        }
    }
}
