package dev.cresset.text;

import dev.cresset.ModelLoadException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The {@code handler} section of an archive's settings, read by type. {@code top_k} may be written {@code topk}, {@code top-k} or
 * {@code topK}; keys that are no option of any handler of texts are left to whom they are for, as in TorchServe.
 */
final class HandlerSection {

    private final String where;
    private final Map<TextOption, Object> settings = new EnumMap<>(TextOption.class);

    private HandlerSection(String where) {
        this.where = where;
    }

    /**
     * Reads the options of a handler.
     *
     * @throws ModelLoadException for an option of another handler of texts, or one that is there twice
     */
    static HandlerSection of(TextFiles files, String handler, Set<TextOption> known) {
        HandlerSection section = new HandlerSection(files.name() + ": " + files.settingsFile() + ": ");
        files.settings().forEach((name, value) -> section.put(name, value, handler, known));
        return section;
    }

    private void put(String name, Object value, String handler, Set<TextOption> known) {
        for (TextOption option : TextOption.values()) {
            if (!plain(option.name()).equals(plain(name))) {
                continue;
            }
            if (!known.contains(option)) {
                throw new ModelLoadException(
                        where + "handler." + name + " is no option of " + handler + ", expected one of " + known);
            }
            if (settings.put(option, value) != null) {
                throw new ModelLoadException(where + "handler has " + option + " twice, expected it once");
            }
        }
    }

    private static String plain(String name) {
        return name.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    }

    /** A number of things, at least 1. */
    OptionalInt count(TextOption name) {
        Object value = settings.get(name);
        if (value == null) {
            return OptionalInt.empty();
        }
        if (value instanceof Integer number && number > 0) {
            return OptionalInt.of(number);
        }
        throw wrong(name, value, "a whole number above 0");
    }

    Optional<Double> number(TextOption name) {
        Object value = settings.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof Number number) {
            return Optional.of(number.doubleValue());
        }
        throw wrong(name, value, "a number");
    }

    Optional<Boolean> flag(TextOption name) {
        Object value = settings.get(name);
        if (value == null || value instanceof Boolean) {
            return Optional.ofNullable((Boolean) value);
        }
        throw wrong(name, value, "true or false");
    }

    Optional<String> text(TextOption name) {
        Object value = settings.get(name);
        if (value == null || value instanceof String) {
            return Optional.ofNullable((String) value);
        }
        throw wrong(name, value, "a string");
    }

    /** One of the constants of an enum, in small letters. */
    <E extends Enum<E>> Optional<E> choice(TextOption name, Class<E> type) {
        Object value = settings.get(name);
        if (value == null) {
            return Optional.empty();
        }
        List<String> names = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            names.add(constant.name().toLowerCase(Locale.ROOT));
            if (names.get(names.size() - 1).equals(value)) {
                return Optional.of(constant);
            }
        }
        throw wrong(name, value, "one of " + names);
    }

    /** Whether a setting is this value, where others are possible. */
    boolean is(TextOption name, Object value) {
        return value.equals(settings.get(name));
    }

    Optional<List<String>> strings(TextOption name) {
        Object value = settings.get(name);
        if (value == null) {
            return Optional.empty();
        }
        List<String> strings = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (Object element : list) {
                if (!(element instanceof String string)) {
                    throw wrong(name, value, "a list of strings");
                }
                strings.add(string);
            }
            return Optional.of(strings);
        }
        throw wrong(name, value, "a list of strings");
    }

    private ModelLoadException wrong(TextOption name, Object value, String expected) {
        return new ModelLoadException(where + "handler." + name + " is " + value + ", expected " + expected);
    }
}
