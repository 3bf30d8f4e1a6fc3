package dev.cresset.pt2.internal;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.pt2.ConstantValue;
import dev.cresset.pt2.TreeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads what {@code torch.utils._pytree.treespec_dumps} writes: {@code [1, {type, context, children_spec}]}, where a
 * context mostly is JSON again, in a text.
 */
final class TreeSpecReader {
    private static final String PROTOCOL = "1";

    private final JsonReading reading;

    /** Where the text stands. */
    private final String within;

    private TreeSpecReader(JsonReading reading, String within) {
        this.reading = reading;
        this.within = within;
    }

    static TreeSpec read(String text, JsonReading reading, String within) throws ArchiveException {
        return reading.read(text, within + " ", new TreeSpecReader(reading, within)::tree);
    }

    private TreeSpec tree(JsonParser parser) throws ArchiveException {
        require(parser.currentToken() == JsonToken.START_ARRAY, "is not a list of a version and a tree");
        parser.nextToken();
        require(PROTOCOL.equals(parser.getValueAsString()), "is of another version than " + PROTOCOL);
        parser.nextToken();
        TreeSpec tree = node(parser);
        require(parser.nextToken() == JsonToken.END_ARRAY, "has more than a version and a tree");
        return tree;
    }

    private TreeSpec node(JsonParser parser) throws ArchiveException {
        reading.count();
        require(parser.currentToken() == JsonToken.START_OBJECT, "has something else than an object for a tree");
        Optional<String> type = Optional.empty();
        Object context = "null";
        List<TreeSpec> children = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "type" -> type = type(parser);
                case "context" -> context = or(PlainJson.read(parser, reading), "null");
                case "children_spec" -> children(parser, children);
                default -> parser.skipChildren();
            }
        }
        if (type.isEmpty()) {
            require(children.isEmpty(), "has a leaf with children");
            return new TreeSpec.Leaf();
        }
        return node(type.get(), context, children);
    }

    /** Nothing is a leaf's. */
    private Optional<String> type(JsonParser parser) throws ArchiveException {
        boolean isText = parser.currentToken() == JsonToken.VALUE_STRING;
        require(isText || parser.currentToken() == JsonToken.VALUE_NULL, "has a type that is no text");
        return isText ? Optional.of(parser.getString()) : Optional.empty();
    }

    private void children(JsonParser parser, List<TreeSpec> children) throws ArchiveException {
        require(parser.currentToken() == JsonToken.START_ARRAY, "has children that are no list");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            children.add(node(parser));
        }
    }

    private TreeSpec node(String type, Object context, List<TreeSpec> children) throws ArchiveException {
        return switch (type) {
            case "builtins.tuple" -> new TreeSpec.Tuple(children);
            case "builtins.list", "collections.deque" -> new TreeSpec.Sequence(type, children);
            // Its context is not JSON, but the name of its class. The program tells the fields in another place.
            case "collections.namedtuple" -> new TreeSpec.NamedTuple(context.toString(), List.of(), children);
            default -> keyed(type, context, children);
        };
    }

    /** Dictionaries and classes tell the keys of their children; those that do so in a way of their own stay what they are. */
    private TreeSpec keyed(String type, Object context, List<TreeSpec> children) throws ArchiveException {
        Object told = context instanceof Map<?, ?> map ? or(map.get("dict_context"), "null") : parsed(context);
        if (told instanceof List<?> list) {
            Optional<List<ConstantValue>> keys = keys(list);
            if (keys.isPresent() && list.size() == children.size()) {
                return new TreeSpec.Mapping(type, keys.get(), children);
            }
            if (list.size() == 2 && list.get(0) instanceof List<?> fields && list.get(1) instanceof List<?> none) {
                Optional<List<String>> present = texts(fields);
                Optional<List<String>> absent = texts(none);
                if (present.isPresent() && absent.isPresent() && fields.size() == children.size()) {
                    return new TreeSpec.DataClass(type, present.get(), absent.get(), children);
                }
            }
        }
        boolean isDict = type.startsWith("builtins.") || type.startsWith("collections.");
        require(
                !isDict || !(told instanceof List<?> list) || list.size() == children.size(),
                "has a " + Refusals.quoted(type) + " of " + children.size() + " values with another number of keys");
        return new TreeSpec.Other(type, context.toString(), children);
    }

    private Object parsed(Object context) throws ArchiveException {
        return context instanceof String text
                ? reading.read(text, within + " ", parser -> or(PlainJson.read(parser, reading), "null"))
                : context;
    }

    private static Optional<List<ConstantValue>> keys(List<?> list) {
        List<ConstantValue> keys = new ArrayList<>();
        for (Object one : list) {
            if (one == null) {
                keys.add(new ConstantValue.AsNone());
            } else if (one instanceof String text) {
                keys.add(new ConstantValue.AsString(text));
            } else if (one instanceof Boolean truth) {
                keys.add(new ConstantValue.AsBool(truth));
            } else if (one instanceof Integer || one instanceof Long) {
                keys.add(new ConstantValue.AsInt(((Number) one).longValue()));
            } else if (one instanceof Double number) {
                keys.add(new ConstantValue.AsFloat(number));
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(keys);
    }

    private static Optional<List<String>> texts(List<?> list) {
        return list.stream().allMatch(String.class::isInstance)
                ? Optional.of(list.stream().map(String.class::cast).toList())
                : Optional.empty();
    }

    private static Object or(@Nullable Object value, Object otherwise) {
        return value == null ? otherwise : value;
    }

    private void require(boolean right, String otherwise) throws ArchiveException {
        if (!right) {
            throw reading.syntax("has a description of its inputs or outputs" + within + " that " + otherwise);
        }
    }
}
