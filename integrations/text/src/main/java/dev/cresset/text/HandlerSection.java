package dev.cresset.text;

import dev.cresset.ModelLoadException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The {@code handler} section of an archive's {@code model-config.yaml}, read by type. */
final class HandlerSection {

    private final String archive;
    private final Map<String, Object> settings;

    private HandlerSection(String archive, Map<String, Object> settings) {
        this.archive = archive;
        this.settings = settings;
    }

    static HandlerSection of(TextFiles files) {
        return new HandlerSection(files.name(), files.settings());
    }

    /** A number of things, at least 1. */
    OptionalInt count(String name) {
        Object value = settings.get(name);
        if (value == null) {
            return OptionalInt.empty();
        }
        if (value instanceof Integer number && number > 0) {
            return OptionalInt.of(number);
        }
        throw wrong(name, value, "a whole number above 0");
    }

    Optional<Double> number(String name) {
        Object value = settings.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof Number number) {
            return Optional.of(number.doubleValue());
        }
        throw wrong(name, value, "a number");
    }

    Optional<Boolean> flag(String name) {
        Object value = settings.get(name);
        if (value == null || value instanceof Boolean) {
            return Optional.ofNullable((Boolean) value);
        }
        throw wrong(name, value, "true or false");
    }

    Optional<String> text(String name) {
        Object value = settings.get(name);
        if (value == null || value instanceof String) {
            return Optional.ofNullable((String) value);
        }
        throw wrong(name, value, "a string");
    }

    /** One of the constants of an enum, in small letters. */
    <E extends Enum<E>> Optional<E> choice(String name, Class<E> type) {
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
    boolean is(String name, Object value) {
        return value.equals(settings.get(name));
    }

    Optional<List<String>> strings(String name) {
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

    private ModelLoadException wrong(String name, Object value, String expected) {
        return new ModelLoadException(
                archive + ": model-config.yaml: handler." + name + " is " + value + ", expected " + expected);
    }
}
