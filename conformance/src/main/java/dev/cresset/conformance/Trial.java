package dev.cresset.conformance;

import dev.cresset.BoundCall;
import dev.cresset.InferenceException;
import dev.cresset.Model;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One case computed one way: called as often as LibTorch takes to look on, to specialise and to run what it made of it; then
 * the same bound to tensors that are there already.
 */
final class Trial {

    private static final int CALLS = 3;
    private static final int BOUND_CALLS = 2;

    private Trial() {}

    /** @param module the case's module, unpacked */
    static Outcome run(Case one, Path module, String engine, Way way) {
        List<Value> arguments = one.arguments();
        try (Model model = Model.open(module, way.options(engine, arguments))) {
            if (hasNothingToDo(model, way)) {
                return Outcome.NOTHING_TO_DO;
            }
            if (one.isToBeRefused()) {
                return refusal(model, arguments);
            }
            try (Value answer = one.answer()) {
                return answers(model, arguments, answer);
            }
        } catch (InferenceException e) {
            return Outcome.of(Outcome.Verdict.THROWS, reason(e));
        } catch (IOException | RuntimeException | StackOverflowError e) {
            return Outcome.of(Outcome.Verdict.THROWS, e.toString());
        } finally {
            arguments.forEach(Value::close);
        }
    }

    /** Where a way finds nothing to do, the model is what it was before. */
    private static boolean hasNothingToDo(Model model, Way way) {
        Optional<Optimization> served = Optional.of(model.plan().optimization());
        return way.named().isPresent()
                && !way.equals(Way.FROZEN)
                && !way.named().equals(served);
    }

    private static Outcome refusal(Model model, List<Value> arguments) {
        try (Value found = model.forward(arguments.toArray(Value[]::new))) {
            return Outcome.differs("answers " + found + " where it was to refuse");
        } catch (InferenceException e) {
            return Outcome.of(Outcome.Verdict.REFUSED, reason(e));
        }
    }

    private static Outcome answers(Model model, List<Value> arguments, Value answer) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int call = 0; call < CALLS; call++) {
            try (Value found = model.forward(arguments.toArray(Value[]::new))) {
                outcomes.add(Comparison.of(answer, found).in("call " + (call + 1)));
            }
        }
        List<Tensor> outputs = tensors(answer);
        if (!outputs.isEmpty()) {
            outcomes.add(bound(model, arguments, outputs).in("bound"));
        }
        return Outcome.worst(outcomes);
    }

    private static Outcome bound(Model model, List<Value> arguments, List<Tensor> expected) {
        List<Outcome> outcomes = new ArrayList<>();
        List<Tensor> written = expected.stream()
                .map(tensor -> Tensor.allocate(tensor.dataType(), tensor.shape()))
                .toList();
        try (BoundCall call = model.bind(arguments, written)) {
            for (int run = 0; run < BOUND_CALLS; run++) {
                call.run();
                outcomes.add(Comparison.of(Value.list(List.copyOf(expected)), Value.list(List.copyOf(written))));
            }
        } finally {
            written.forEach(Tensor::close);
        }
        return Outcome.worst(outcomes);
    }

    private static List<Tensor> tensors(Value value) {
        if (value instanceof Tensor tensor) {
            return List.of(tensor);
        }
        return value instanceof Value.TupleValue || value instanceof Value.ListValue
                ? value.asList().stream()
                        .flatMap(item -> tensors(item).stream())
                        .toList()
                : List.of();
    }

    /** Without the name of the file, which is the same for all. */
    private static String reason(InferenceException e) {
        return e.getClass().getSimpleName() + ": "
                + String.valueOf(e.getMessage()).replaceAll("^case\\.pt: ", "");
    }
}
