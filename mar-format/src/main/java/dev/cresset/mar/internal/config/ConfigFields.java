package dev.cresset.mar.internal.config;

import dev.cresset.mar.internal.archive.Refusals;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The values of one mapping in an archive's settings, by key and type. A value of another type counts as absent, and a
 * warning says so.
 *
 * <p>Instances are not safe for use by several threads.
 */
final class ConfigFields {
    private static final Set<String> KNOWN = Set.of(
            "minWorkers",
            "maxWorkers",
            "batchSize",
            "maxBatchDelay",
            "responseTimeout",
            "startupTimeout",
            "clientTimeoutInMills",
            "maxRetryTimeoutInSec",
            "jobQueueSize",
            "deviceType",
            "deviceIds",
            "parallelType",
            "parallelLevel",
            "torchrun",
            "sequenceBatching",
            "continuousBatching",
            "sequenceMaxIdleMSec",
            "sequenceTimeoutMSec",
            "maxSequenceJobQueueSize",
            "maxNumSequence",
            "useJobTicket",
            "asyncCommunication",
            "useVenv",
            "handler");

    private final String prefix;
    private final Map<?, ?> values;
    private final List<String> warnings;

    ConfigFields(String prefix, Map<?, ?> values, List<String> warnings) {
        this.prefix = prefix;
        this.values = values;
        this.warnings = warnings;
    }

    /** Warns of keys that TorchServe would know in another case: it ignores them without a word. */
    void warnOfOtherCase() {
        for (Object key : values.keySet()) {
            if (!KNOWN.contains(key)) {
                KNOWN.stream().filter(String.valueOf(key)::equalsIgnoreCase).forEach(known -> {
                    warnings.add("setting " + Refusals.quoted(String.valueOf(key)) + " is ignored; write it '" + known
                            + "'");
                });
            }
        }
    }

    /** Takes a whole number, and raises one below the least. */
    OptionalInt atLeast(int least, String key) {
        OptionalInt value = integer(key);
        if (value.isPresent() && value.getAsInt() < least) {
            warnings.add(
                    name(key) + " is " + value.getAsInt() + ", expected at least " + least + "; taken as " + least);
            return OptionalInt.of(least);
        }
        return value;
    }

    /** Takes a whole number, and leaves out one below the least. */
    OptionalInt notBelow(int least, String key) {
        OptionalInt value = integer(key);
        if (value.isPresent() && value.getAsInt() < least) {
            warnings.add(name(key) + " is " + value.getAsInt() + ", expected at least " + least + "; it is left out");
            return OptionalInt.empty();
        }
        return value;
    }

    private OptionalInt integer(String key) {
        if (values.get(key) instanceof Integer value) {
            return OptionalInt.of(value);
        }
        warnOfOtherType(key, "a whole number");
        return OptionalInt.empty();
    }

    boolean flag(String key) {
        if (values.get(key) instanceof Boolean value) {
            return value;
        }
        warnOfOtherType(key, "true or false");
        return false;
    }

    Optional<String> text(String key) {
        if (values.get(key) instanceof String value) {
            return Optional.of(value);
        }
        warnOfOtherType(key, "a text");
        return Optional.empty();
    }

    /** Takes the one of an enum's constants that the text names, in whatever case. */
    <E extends Enum<E>> Optional<E> word(String key, Class<E> type) {
        Optional<String> text = text(key);
        Optional<E> word = text.flatMap(value -> Arrays.stream(type.getEnumConstants())
                .filter(constant -> constant.name().equalsIgnoreCase(value))
                .findAny());
        if (text.isPresent() && word.isEmpty()) {
            String known = Arrays.stream(type.getEnumConstants())
                    .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", "));
            warnings.add(name(key) + " is " + Refusals.quoted(text.get()) + ", expected one of " + known
                    + "; it is left out");
        }
        return word;
    }

    /** Takes a list of whole numbers; one that is not voids the list. */
    List<Integer> integers(String key) {
        if (!(values.get(key) instanceof List<?> list)) {
            warnOfOtherType(key, "a list of whole numbers");
            return List.of();
        }
        List<Integer> integers = new ArrayList<>();
        for (Object value : list) {
            if (!(value instanceof Integer integer)) {
                warnings.add(name(key) + " holds " + kind(value) + ", expected whole numbers only; it is left out");
                return List.of();
            }
            integers.add(integer);
        }
        return integers;
    }

    Optional<ConfigFields> section(String key) {
        if (values.get(key) instanceof Map<?, ?> section) {
            return Optional.of(new ConfigFields(prefix + key + ".", section, warnings));
        }
        warnOfOtherType(key, "a mapping");
        return Optional.empty();
    }

    boolean isAfter(String later, String earlier) {
        List<Object> keys = new ArrayList<>(values.keySet());
        return keys.indexOf(later) > keys.indexOf(earlier);
    }

    private void warnOfOtherType(String key, String expected) {
        if (values.containsKey(key)) {
            warnings.add(name(key) + " is " + kind(values.get(key)) + ", expected " + expected + "; it is left out");
        }
    }

    private String name(String key) {
        return "setting '" + prefix + key + "'";
    }

    private static String kind(@Nullable Object value) {
        if (value == null) {
            return "empty";
        } else if (value instanceof Map) {
            return "a mapping";
        } else if (value instanceof List) {
            return "a list";
        }
        return Refusals.quoted(String.valueOf(value));
    }
}
