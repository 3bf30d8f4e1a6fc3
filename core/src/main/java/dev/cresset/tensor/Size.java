package dev.cresset.tensor;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A size as an exported program declares it: a number, a symbol for one that may vary, or a sum of multiples of such symbols, as the size of
 * {@code torch.cat([x, x])} is. The same symbol stands for the same number in all inputs of a call.
 *
 * <p>Instances are immutable, safe for use by several threads.
 *
 * @param multiples how often each symbol counts; none where the size is fixed
 * @param constant what is added to them; the size itself where it is fixed
 * @param min the least that it may be
 * @param max the most that it may be; {@link Long#MAX_VALUE} where there is no most
 * @param example what it was in the example that the program was exported with
 */
public record Size(Map<String, Long> multiples, long constant, long min, long max, long example) {

    public Size {
        multiples = Map.copyOf(multiples);
    }

    /** One that never varies. */
    public static Size fixed(long size) {
        return new Size(Map.of(), size, size, size, size);
    }

    /** One that varies on its own, within bounds. */
    public static Size symbol(String name, long min, long max, long example) {
        return new Size(Map.of(name, 1L), 0, min, max, example);
    }

    /** Whether it never varies. */
    public boolean isFixed() {
        return multiples.isEmpty();
    }

    /** What it is where its symbols are known; empty where one is not. */
    public Optional<Long> of(Map<String, Long> symbols) {
        long size = constant;
        for (Map.Entry<String, Long> multiple : multiples.entrySet()) {
            Long number = symbols.get(multiple.getKey());
            if (number == null) {
                return Optional.empty();
            }
            size += multiple.getValue() * number;
        }
        return Optional.of(size);
    }

    /** {@code 224}, {@code s77} or {@code 2*s77 + 1} */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(multiples)
                .forEach((symbol, times) -> text.append(text.isEmpty() ? "" : " + ")
                        .append(times == 1 ? "" : times + "*")
                        .append(symbol));
        if (text.isEmpty()) {
            return Long.toString(constant);
        }
        return constant == 0
                ? text.toString()
                : text.append(" + ").append(constant).toString();
    }
}
