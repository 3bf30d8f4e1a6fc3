package dev.cresset.conformance;

import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a case is computed: a way that is asked for, or the one that is chosen when it is tried on the case's own arguments.
 *
 * @param named the way, or empty for the choice
 */
record Way(Optional<Optimization> named) {

    static final Way AUTO = new Way(Optional.empty());
    static final Way AS_IS = new Way(Optional.of(Optimization.AS_IS));
    static final Way FROZEN = new Way(Optional.of(Optimization.FROZEN));

    /** What every engine computes, and what a user gets who says nothing. */
    static final List<Way> COMMON = List.of(AS_IS, FROZEN, AUTO);

    /** LibTorch's own fusions: they are known to crash on some models and to lose NaN on others, and only taken when asked for. */
    private static final Set<Optimization> UNSAFE =
            Set.of(Optimization.FUSED, Optimization.FUSED_CHANNELS_LAST, Optimization.FOR_INFERENCE);

    /** Long enough for operators this small, short enough for thousands of them. */
    private static final Duration TUNING = Duration.ofMillis(100);

    /** All that an engine has. */
    static List<Way> of(String engine, boolean unsafe) {
        if (!engine.equals("torch")) {
            return COMMON;
        }
        List<Way> ways = new ArrayList<>();
        Arrays.stream(Optimization.values())
                .filter(way -> unsafe || !UNSAFE.contains(way))
                .forEach(way -> ways.add(new Way(Optional.of(way))));
        ways.add(AUTO);
        return ways;
    }

    /** Whether its answers count: not where it is only there for those who ask for it. */
    boolean isSafe() {
        return named.filter(UNSAFE::contains).isEmpty();
    }

    static Way parse(String name) {
        return name.equals("AUTO") ? AUTO : new Way(Optional.of(Optimization.valueOf(name)));
    }

    ModelOptions options(String engine, List<Value> arguments) {
        ModelOptions.Builder options = ModelOptions.builder().engine(engine);
        if (named.isPresent()) {
            return options.optimization(named.get()).build();
        }
        return options.exampleInputs(arguments.toArray(Value[]::new))
                .tuningBudget(TUNING)
                .build();
    }

    @Override
    public String toString() {
        return named.map(Enum::name).orElse("AUTO");
    }
}
