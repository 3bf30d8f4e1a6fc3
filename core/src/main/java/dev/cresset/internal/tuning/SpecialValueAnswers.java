package dev.cresset.internal.tuning;

import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.tensor.Value;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What a module answers to copies of the samples that hold {@link SpecialValue}s: asked at once, so that the module, with all its
 * weights, need not be there while others are held to it. Numbers on which it fails have no answer, and those for which there is
 * no time are not asked; and a model that might never answer is asked nothing.
 *
 * <p>Closed by its user. Used by one thread.
 */
public final class SpecialValueAnswers implements AutoCloseable {
    private final Map<SpecialValue, Optional<Value>> answers = new EnumMap<>(SpecialValue.class);
    private final boolean mightNeverCome;

    /** Asks a model. */
    SpecialValueAnswers(EngineModel model, List<Value> samples, BooleanSupplier isLate) {
        this.mightNeverCome = model.mayNotEnd();
        boolean success = false;
        try {
            for (SpecialValue special : SpecialValue.values()) {
                if (!mightNeverCome && !isLate.getAsBoolean()) {
                    answers.put(special, answer(special, model, samples));
                }
            }
            success = true;
        } finally {
            if (!success) {
                close();
            }
        }
    }

    private static Optional<Value> answer(SpecialValue special, EngineModel model, List<Value> samples) {
        try (EqualInputs inputs = new EqualInputs(samples)) {
            return special.sowInto(inputs.tensors())
                    ? Optional.of(model.invoke("forward", inputs.arguments()))
                    : Optional.empty();
        } catch (EngineException e) {
            return Optional.empty(); // the module itself has no answer
        }
    }

    /** The answer to one, if there is any. */
    Optional<Value> to(SpecialValue special) {
        return answers.getOrDefault(special, Optional.empty());
    }

    /** Whether the model {@linkplain EngineModel#mayNotEnd() may not end}, and so was asked nothing. */
    boolean mightNeverCome() {
        return mightNeverCome;
    }

    /** Whether there was time for it. */
    boolean wasAsked(SpecialValue special) {
        return answers.containsKey(special);
    }

    @Override
    public void close() {
        answers.values().forEach(answer -> answer.ifPresent(Value::close));
        answers.clear();
    }
}
