package dev.cresset.internal.tuning;

import dev.cresset.Plan;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.internal.Durations;
import dev.cresset.internal.Failures;
import dev.cresset.tensor.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Finds the fastest way to compute a model that answers what the module answers as it was saved. Each way runs on equal inputs
 * until it is warm, and is compared. Then it and the best so far take turns ({@link InterleavedTiming}). The faster one must also answer right on
 * {@link SpecialValues}. What throws or disagrees is out.
 *
 * <p>Good for one choice, and closed by its user. Used by one thread.
 */
public final class Tuner implements AutoCloseable {
    private static final String FORWARD = "forward";
    private static final long JAVA_NANOS = 50_000_000;

    /** A way that may yet meet what it cannot do must be worth it. */
    private static final double WORTH_IT = 0.95;

    /** What takes so many times as long as the best, once warm, need not be timed against it. */
    private static final int HOPELESS = 2;

    /** As much of the budget may go into one way's special values, and as much into what the module answers to them. */
    private static final int ODD_SHARE = 8;

    /** As much of it into a second look. */
    private static final int LOOK_SHARE = 4;

    private final EqualInputs inputs;
    private final Agreement agreement;
    private final SpecialValues oddNumbers;
    private long budgetNanos;
    private final Stopwatch stopwatch;
    private final Consumer<Plan.Candidate> listener;
    private final List<Plan.Candidate> candidates = new ArrayList<>();
    private final long start;
    private Optional<CandidateModel> best = Optional.empty();
    private long bestNanos = Long.MAX_VALUE;
    private long plainNanos = Long.MAX_VALUE;
    private long shareNanos = Long.MAX_VALUE;
    private boolean disturbed;
    private boolean hasSource = true;
    private BooleanSupplier cancelled = () -> false;

    /** Starts the budget. The samples are the caller's, and not written to. */
    public Tuner(
            List<Value> samples,
            Agreement agreement,
            Duration budget,
            Stopwatch stopwatch,
            Consumer<Plan.Candidate> listener) {
        this.inputs = new EqualInputs(samples);
        this.agreement = agreement;
        this.oddNumbers = new SpecialValues(samples, agreement);
        this.budgetNanos = Durations.nanos(budget);
        this.stopwatch = stopwatch;
        this.listener = listener;
        this.start = stopwatch.wallNanos();
    }

    /** To be called first: the module as it was saved is not there, and the frozen one's answers are what all are held to. */
    public Tuner withoutSource() {
        hasSource = false;
        return this;
    }

    /** To be called first: time is over, too, when this says so. */
    public Tuner until(BooleanSupplier end) {
        cancelled = end;
        return this;
    }

    /**
     * A model and how it was found.
     *
     * @param model the fastest; the one that was given, where none is faster. Else it is the receiver's to close.
     * @param disturbed whether others had a part in the timing that may have decided
     * @param answer what it was held to, for a later start
     */
    public record Tuned(EngineModel model, Plan plan, boolean disturbed, Optional<KnownAnswer> answer) {

        Tuned(EngineModel model, Plan plan, boolean disturbed) {
            this(model, plan, disturbed, Optional.empty());
        }
    }

    /** Tries all ways that keep every answer; the most special first, which promises most, for time may run out. */
    public Tuned tune(EngineModel frozen) {
        return fastest(frozen, ways(frozen), "tuned");
    }

    /**
     * Takes what was the fastest before, when others disturbed the timing, unless another way is clearly faster now. What the others took
     * then says little: each may have had another neighbour.
     * In a part of the time, for this may happen at each start on a machine that is never quiet.
     */
    public Tuned lookAgain(EngineModel frozen, Plan before) {
        budgetNanos /= LOOK_SHARE;
        try (Value expected = answer(frozen)) {
            made(frozen, before.optimization()).ifPresent(way -> enter(way, one -> readyAgain(one, expected)));
            if (best.isEmpty()) {
                return notTuned(frozen, "what was the fastest before is out: " + candidates.get(0));
            }
            List<Optimization> others = new ArrayList<>(ways(frozen));
            others.add(frozen.optimization());
            others.remove(before.optimization());
            for (Optimization other : others) {
                disturbed |= isLate(); // then this look decides nothing
                madeInTime(frozen, other)
                        .ifPresent(way ->
                                enter(way, one -> faster(one, expected, WORTH_IT, () -> oddAsSaved(one, frozen))));
            }
            return served(best.get(), "tuned again after a start that others disturbed", expected);
        } catch (EngineException e) {
            return notTuned(frozen, "the sample inputs fail: " + Failures.tellingLine(e.reason()));
        }
    }

    private static List<Optimization> ways(EngineModel frozen) {
        return frozen.optimizations().stream()
                .filter(Optimization::keepsEveryAnswer)
                .sorted(Comparator.reverseOrder())
                .toList();
    }

    /** Takes what was the fastest before, if it still answers right: what the module answered then, or else what the frozen one answers. */
    public Tuned again(EngineModel frozen, PlanCache.Remembered before) {
        if (before.plan().optimization() == frozen.optimization()) {
            return new Tuned(frozen, before.plan(), /* disturbed= */ false);
        }
        return before.answer()
                .filter(answer -> answer.isOf(inputs.samples()))
                .flatMap(answer -> againAs(answer, frozen, before.plan()))
                .orElseGet(() -> again(frozen, before.plan()));
    }

    private Optional<Tuned> againAs(KnownAnswer answer, EngineModel frozen, Plan before) {
        made(frozen, before.optimization())
                .ifPresent(challenger -> enter(
                        challenger,
                        way -> ready(way, way.getReady((found, nanos) -> answer.difference(agreement, found)))));
        if (best.isEmpty()) {
            candidates.clear(); // it is tried once more
        }
        return best.map(right -> new Tuned(right.toServe(), before, /* disturbed= */ false));
    }

    /** It is made, and answers, while the frozen module does. */
    private Tuned again(EngineModel frozen, Plan before) {
        try (FrozenAnswer expected = new FrozenAnswer(frozen, inputs.samples())) {
            Optional<CandidateModel> made = made(frozen, before.optimization());
            made.ifPresent(challenger -> enter(challenger, way -> rightAgain(way, expected)));
            expected.get(); // it fails, should the samples
            return best.map(right -> new Tuned(right.toServe(), before, /* disturbed= */ false))
                    .orElseGet(() -> notTuned(frozen, "what was the fastest before is out: " + candidates.get(0)));
        } catch (EngineException e) {
            return notTuned(frozen, "the sample inputs fail: " + Failures.tellingLine(e.reason()));
        }
    }

    /**
     * Why a model in use answers other than it should, if it does.
     *
     * @throws EngineException if it does not answer
     */
    public Optional<String> refusal(EngineModel frozen, EngineModel inUse) {
        try (EngineModel module = frozen.optimized(Optimization.AS_IS);
                Value expected = answer(module);
                Value found = answer(inUse)) {
            return agreement.difference(expected, found);
        }
    }

    private Value answer(EngineModel model) {
        inputs.restore();
        return model.invoke(FORWARD, inputs.arguments());
    }

    private Tuned fastest(EngineModel frozen, List<Optimization> ways, String done) {
        try (Saved saved = new Saved(frozen)) {
            int left = ways.size() + 1;
            share(left--);
            made(frozen, frozen.optimization()).ifPresent(way -> enter(way, one -> plainly(one, saved.answer)));
            for (Optimization way : ways) {
                share(left--);
                Trial trial = challenger ->
                        faster(challenger, saved.answer, /* margin= */ 1, () -> special(challenger, frozen, saved));
                madeInTime(frozen, way).ifPresent(challenger -> enter(challenger, trial));
            }
            Optional<String> wrong =
                    best.filter(winner -> winner.model() == frozen).flatMap(plain -> special(plain, frozen, saved));
            return wrong.isEmpty() && best.isPresent()
                    ? served(best.get(), done, saved.answer)
                    : asSaved(frozen, wrong.map(how -> ": FROZEN " + how).orElse(""));
        } catch (EngineException e) {
            return notTuned(frozen, "the sample inputs fail: " + Failures.tellingLine(e.reason()));
        }
    }

    /**
     * What the module answers as it was saved. It is closed as soon as it has answered, and opened again for special values, once: its
     * weights are one more copy of what the ways need.
     */
    private final class Saved implements AutoCloseable {
        final Value answer;
        private final EngineModel frozen;
        private Optional<SpecialValueAnswers> special = Optional.empty();

        Saved(EngineModel frozen) {
            this.frozen = frozen;
            this.answer = asked(Tuner.this::answer);
        }

        private <T> T asked(Function<EngineModel, T> question) {
            if (!hasSource) {
                return question.apply(frozen);
            }
            try (EngineModel module = frozen.optimized(Optimization.AS_IS)) {
                return question.apply(module);
            }
        }

        SpecialValueAnswers special() {
            if (special.isEmpty()) {
                special = Optional.of(
                        asked(module -> new SpecialValueAnswers(module, inputs.samples(), specialIsLate())));
            }
            return special.get();
        }

        @Override
        public void close() {
            special.ifPresent(SpecialValueAnswers::close);
            answer.close();
        }
    }

    private Tuned served(CandidateModel winner, String done, Value expected) {
        EngineModel model = winner.toServe();
        String reason = String.format(Locale.ROOT, "%s in %.2f s", done, (now() - start) / 1e9) + oddNumbers.untried();
        Plan plan = plan(model, Plan.Origin.TUNED, reason);
        return new Tuned(model, plan, disturbed, KnownAnswer.of(inputs.samples(), expected));
    }

    private Tuned asSaved(EngineModel frozen, String why) {
        return frozen.precision() == Precision.AS_SAVED && hasSource
                ? notTuned(frozen.optimized(Optimization.AS_IS), "no other way answers what the module answers" + why)
                : notTuned(frozen, "no way answers what the module answers"); // its opener refuses it
    }

    private Tuned notTuned(EngineModel model, String reason) {
        return new Tuned(model, plan(model, Plan.Origin.NOT_TUNED, reason), /* disturbed= */ false);
    }

    private Plan plan(EngineModel model, Plan.Origin origin, String reason) {
        return new Plan(model.optimization(), model.precision(), origin, reason, candidates);
    }

    private long now() {
        return stopwatch.wallNanos();
    }

    private boolean isLate() {
        return now() - start > budgetNanos || cancelled.getAsBoolean();
    }

    /** Where others leave little of the processor, timing takes long: no way is to take the time that the ways after it need. */
    private void share(int left) {
        shareNanos = (now() - start) + Math.max(0, budgetNanos - (now() - start)) / left;
    }

    private boolean isShareSpent() {
        return now() - start > shareNanos || isLate();
    }

    private Optional<CandidateModel> madeInTime(EngineModel frozen, Optimization way) {
        if (isLate()) {
            out(way, "not tried: the time for tuning was over");
            return Optional.empty();
        }
        return made(frozen, way);
    }

    private Optional<CandidateModel> made(EngineModel frozen, Optimization way) {
        if (way == frozen.optimization()) {
            return Optional.of(CandidateModel.lent(frozen, inputs, stopwatch));
        }
        try {
            EngineModel model = frozen.optimized(way);
            if (model.optimization() != frozen.optimization()) {
                return Optional.of(CandidateModel.owning(model, inputs, stopwatch));
            }
            model.close();
            out(way, "nothing in the module would be computed so");
        } catch (EngineException e) {
            out(way, "cannot be made: " + Failures.tellingLine(e.reason()));
        }
        return Optional.empty();
    }

    /** What became of a way. */
    private record Outcome(Optional<Duration> time, Optional<String> refusal, boolean wins) {

        static Outcome out(String refusal) {
            return new Outcome(Optional.empty(), Optional.of(refusal), /* wins= */ false);
        }

        static Outcome timed(long nanos, boolean wins) {
            return new Outcome(Optional.of(Duration.ofNanos(nanos)), Optional.empty(), wins);
        }
    }

    private interface Trial {
        Outcome of(CandidateModel way);
    }

    /** Tries a way, which takes the place of the best or is closed. */
    private void enter(CandidateModel challenger, Trial trial) {
        Optional<CandidateModel> left = Optional.of(challenger);
        try {
            Outcome outcome = outcome(challenger, trial);
            add(new Plan.Candidate(challenger.way(), outcome.time, outcome.refusal));
            if (outcome.wins) {
                left = best;
                best = Optional.of(challenger);
            }
        } finally {
            left.ifPresent(CandidateModel::close);
        }
    }

    private static Outcome outcome(CandidateModel challenger, Trial trial) {
        try {
            return trial.of(challenger);
        } catch (EngineException e) {
            return Outcome.out("fails: " + Failures.tellingLine(e.reason()));
        } catch (RuntimeException e) {
            return Outcome.out("cannot be compared: " + e); // no fault of the sample's
        }
    }

    private Outcome plainly(CandidateModel plain, Value expected) {
        return warm(plain, expected).map(Outcome::out).orElseGet(() -> {
            if (!plain.isSlow()) {
                plain.runFor(JAVA_NANOS);
            }
            InterleavedTiming timed = InterleavedTiming.alone(plain, this::isShareSpent);
            disturbed |= timed.isDisturbed();
            bestNanos = plainNanos = timed.challenger().nanos();
            return agreement
                    .difference(expected, plain.answer())
                    .map(Outcome::out)
                    .orElseGet(() -> Outcome.timed(bestNanos, /* wins= */ true));
        });
    }

    private Outcome faster(
            CandidateModel challenger, Value expected, double margin, Supplier<Optional<String>> special) {
        return warm(challenger, expected).map(Outcome::out).orElseGet(() -> {
            if (best.isPresent() && challenger.isLong() && challenger.lastNanos() / HOPELESS > bestNanos) {
                return Outcome.timed(challenger.lastNanos(), /* wins= */ false);
            }
            InterleavedTiming timed = best.map(other -> InterleavedTiming.of(challenger, other, this::isShareSpent))
                    .orElseGet(() -> InterleavedTiming.alone(challenger, this::isShareSpent));
            disturbed |= timed.isDisturbed();
            if (best.isPresent() && best.get().way() == Optimization.FROZEN) {
                plainNanos = timed.best().nanos();
            }
            long nanos = timed.challenger().nanos();
            boolean wins =
                    best.isEmpty() || nanos < Math.min(margin * timed.best().nanos(), WORTH_IT * plainNanos);
            Optional<String> refusal = agreement.difference(expected, challenger.answer());
            if (refusal.isEmpty() && wins) {
                refusal = special.get();
                bestNanos = refusal.isEmpty() ? nanos : bestNanos;
            }
            return refusal.map(Outcome::out).orElseGet(() -> Outcome.timed(nanos, wins));
        });
    }

    private Outcome readyAgain(CandidateModel way, Value expected) {
        Outcome outcome = right(way, expected);
        if (outcome.wins && !way.isSlow()) {
            way.runFor(JAVA_NANOS);
        }
        bestNanos = outcome.wins ? way.lastNanos() : bestNanos;
        return outcome;
    }

    private Outcome right(CandidateModel challenger, Value expected) {
        return ready(challenger, warm(challenger, expected));
    }

    private Outcome rightAgain(CandidateModel challenger, FrozenAnswer expected) {
        return ready(challenger, challenger.getReady((answer, nanos) -> agreement.difference(expected.get(), answer)));
    }

    private static Outcome ready(CandidateModel challenger, Optional<String> refusal) {
        return refusal.map(Outcome::out).orElseGet(() -> Outcome.timed(challenger.lastNanos(), /* wins= */ true));
    }

    /** Goes on when time is over, for it is spent already; but not with what is slower than the best. */
    private Optional<String> warm(CandidateModel way, Value expected) {
        return way.warmUp((answer, nanos) -> agreement
                .difference(expected, answer)
                .or(() -> isLate() && nanos > bestNanos
                        ? Optional.of("not timed: the time for tuning was over, and it was slower")
                        : Optional.empty()));
    }

    /** In a lower precision, a way is held to what the frozen module answers in it: what was asked for. */
    private Optional<String> special(CandidateModel way, EngineModel frozen, Saved saved) {
        if (frozen.precision() == Precision.AS_SAVED) {
            return special(way, saved.answer, saved.special());
        }
        try (Value plain = answer(frozen);
                SpecialValueAnswers right = new SpecialValueAnswers(frozen, inputs.samples(), specialIsLate())) {
            return special(way, plain, right);
        }
    }

    private Optional<String> special(CandidateModel way, Value plain, SpecialValueAnswers right) {
        inputs.restore();
        return oddNumbers.refusal(plain, right, way, specialIsLate());
    }

    private BooleanSupplier specialIsLate() {
        long begin = now();
        return () -> isLate() || now() - begin > budgetNanos / ODD_SHARE;
    }

    private Optional<String> oddAsSaved(CandidateModel way, EngineModel frozen) {
        try (Saved saved = new Saved(frozen)) {
            return special(way, frozen, saved);
        }
    }

    private void out(Optimization way, String refusal) {
        add(new Plan.Candidate(way, Optional.empty(), Optional.of(refusal)));
    }

    private void add(Plan.Candidate candidate) {
        candidates.add(candidate);
        listener.accept(candidate);
    }

    @Override
    public void close() {
        best.ifPresent(CandidateModel::close);
        inputs.close();
    }
}
