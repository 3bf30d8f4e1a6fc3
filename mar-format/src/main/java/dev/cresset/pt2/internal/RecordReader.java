package dev.cresset.pt2.internal;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.pt2.Layout;
import dev.cresset.pt2.MemoryFormat;
import dev.cresset.pt2.NamedArgument;
import dev.cresset.pt2.ScalarType;
import dev.cresset.pt2.TreeSpec;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Fills the schema's records from JSON, by what the records themselves are.
 *
 * <p>A record's components are an object's fields, {@code graphModule} being {@code graph_module}. A sealed interface is a
 * union: an object with one field, whose name says which of the permitted records its value is. What an object has
 * besides is passed over: minor versions of the schema add to it. A union's unknown kind is refused by its name.
 *
 * <p>Instances are not safe for use by several threads.
 */
final class RecordReader {
    private static final Map<Class<?>, Map<Long, Object>> ENUMS = Map.of(
            ScalarType.class, byNumber(ScalarType.values(), ScalarType::number),
            Layout.class, byNumber(Layout.values(), Layout::number),
            MemoryFormat.class, byNumber(MemoryFormat.values(), MemoryFormat::number),
            NamedArgument.Kind.class, byNumber(NamedArgument.Kind.values(), NamedArgument.Kind::number));

    private final JsonReading reading;
    private final JsonParser parser;

    /** Names come again and again. */
    private final Map<String, String> texts = new HashMap<>();

    private RecordReader(JsonReading reading, JsonParser parser) {
        this.reading = reading;
        this.parser = parser;
    }

    /** Reads the record whose object the parser is at. */
    static <T> T read(Class<T> type, JsonReading reading, JsonParser parser) throws ArchiveException {
        return type.cast(new RecordReader(reading, parser).value(type));
    }

    private static <E> Map<Long, Object> byNumber(E[] constants, ToIntFunction<E> number) {
        return Arrays.stream(constants)
                .collect(Collectors.toMap(one -> (long) number.applyAsInt(one), Function.identity()));
    }

    private Object value(Type type) throws ArchiveException {
        reading.count();
        if (type instanceof ParameterizedType generic) {
            Type[] of = generic.getActualTypeArguments();
            if (generic.getRawType() == Optional.class) {
                return parser.currentToken() == JsonToken.VALUE_NULL ? Optional.empty() : Optional.of(value(of[0]));
            }
            return generic.getRawType() == List.class ? list(of[0]) : map(of[1]);
        }
        Class<?> one = (Class<?>) type;
        if (one.isRecord()) {
            return record(RecordShape.of(one));
        }
        if (one == TreeSpec.class) {
            return TreeSpecReader.read(text(), reading, JsonReading.at(parser));
        }
        if (one.isSealed()) {
            return union(one);
        }
        return one.isEnum() ? constant(one) : plain(one);
    }

    private Object plain(Class<?> type) throws ArchiveException {
        if (type == String.class) {
            return text();
        }
        if (type == long.class || type == Long.class) {
            return integer();
        }
        return type == boolean.class || type == Boolean.class ? truth() : number();
    }

    private String text() throws ArchiveException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw reading.unexpected(parser, "a text");
        }
        return texts.computeIfAbsent(parser.getString(), Function.identity());
    }

    private Long integer() throws ArchiveException {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw reading.unexpected(parser, "an integer");
        }
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw reading.unsupported(
                    "has an integer of more than 64 bits" + JsonReading.at(parser),
                    "keep the model's integers smaller and export it again");
        }
        return parser.getLongValue();
    }

    private Boolean truth() throws ArchiveException {
        return switch (token()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> throw reading.unexpected(parser, "true or false");
        };
    }

    /** JSON has no numbers that are none; export writes them as texts. */
    private Double number() throws ArchiveException {
        return switch (token()) {
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_STRING ->
                switch (parser.getString()) {
                    case "Infinity" -> Double.POSITIVE_INFINITY;
                    case "-Infinity" -> Double.NEGATIVE_INFINITY;
                    case "NaN" -> Double.NaN;
                    default -> throw reading.unexpected(parser, "a number, 'Infinity', '-Infinity' or 'NaN'");
                };
            default -> throw reading.unexpected(parser, "a number");
        };
    }

    private JsonToken token() {
        JsonToken token = parser.currentToken();
        return token == null ? JsonToken.NOT_AVAILABLE : token;
    }

    private Object constant(Class<?> type) throws ArchiveException {
        long number = integer();
        Object constant = ENUMS.getOrDefault(type, Map.of()).get(number);
        if (constant == null) {
            throw reading.unsupported(
                    "has " + type.getSimpleName() + " " + number + JsonReading.at(parser)
                            + ", which is none that this version knows",
                    "use a newer version of this library, or export without it");
        }
        return constant;
    }

    private List<Object> list(Type of) throws ArchiveException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw reading.unexpected(parser, "a list");
        }
        List<Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(value(of));
        }
        return list;
    }

    private Map<String, Object> map(Type of) throws ArchiveException {
        requireObject();
        Map<String, Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = texts.computeIfAbsent(parser.currentName(), Function.identity());
            parser.nextToken();
            map.put(key, value(of));
        }
        return map;
    }

    private Object record(RecordShape shape) throws ArchiveException {
        requireObject();
        @Nullable Object[] values = new @Nullable Object[shape.size()];
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            int index = shape.index(parser.currentName());
            parser.nextToken();
            boolean isLeftOut =
                    index >= 0 && parser.currentToken() == JsonToken.VALUE_NULL && shape.absent(index) != null;
            if (index < 0) {
                parser.skipChildren();
            } else if (!isLeftOut) { // export writes null for what it knows nothing of
                values[index] = value(shape.type(index));
            }
        }
        for (int i = 0; i < values.length; i++) {
            if (values[i] == null) {
                values[i] = shape.absent(i);
            }
            if (values[i] == null) {
                throw reading.syntax("has no '" + shape.name(i) + "'" + JsonReading.at(parser));
            }
        }
        return shape.make(values);
    }

    private Object union(Class<?> type) throws ArchiveException {
        requireObject();
        if (parser.nextToken() == JsonToken.END_OBJECT) {
            throw reading.syntax("has an empty object" + JsonReading.at(parser) + ", expected one of a kind");
        }
        String kind = parser.currentName();
        Class<?> member = RecordShape.member(type, kind);
        if (member == null) {
            throw reading.unsupported(
                    "has " + Refusals.quoted(kind) + JsonReading.at(parser)
                            + ", a kind that this version does not know",
                    "use a newer version of this library, or export without it");
        }
        parser.nextToken();
        RecordShape shape = RecordShape.of(member);
        Object value;
        if (shape.size() == 0) {
            parser.skipChildren();
            value = shape.make();
        } else if (shape.isWrapper()) {
            value = shape.make(value(shape.type(0)));
        } else {
            value = record(shape);
        }
        if (parser.nextToken() != JsonToken.END_OBJECT) {
            throw reading.syntax("has two kinds of value at once" + JsonReading.at(parser) + ", expected one");
        }
        return value;
    }

    private void requireObject() throws ArchiveException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw reading.unexpected(parser, "an object");
        }
    }
}
