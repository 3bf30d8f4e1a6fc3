package dev.cresset.internal.json;

import dev.cresset.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The numbers of a KServe v2 input, flat or nested as they came, to be nested as its shape says. */
public final class ShapedNumbers {
    /** As many as numpy has. */
    private static final int MOST_DIMENSIONS = 64;

    private final String where;
    private final OneType type;
    private final List<JsonNode> numbers = new ArrayList<>();

    public ShapedNumbers(String archive, String name, JsonNode data, String datatype) {
        this.where = archive + ": the request's input " + RequestJson.quoted(name);
        boolean floats = datatype.startsWith("FP") || datatype.startsWith("BF");
        this.type = floats ? OneType.FLOAT : OneType.of(data);
        flatten(data);
    }

    private void flatten(JsonNode value) {
        if (value.isArray()) {
            value.forEach(this::flatten);
        } else if (value.isNumber() || value.isBoolean()) {
            numbers.add(value);
        } else {
            throw new InvalidInputException(where + " has " + value.getNodeType() + " where a number is expected");
        }
    }

    /** The numbers as nested arrays. One size may be -1, for as many as there are. */
    public String in(JsonNode shape) {
        long[] sizes = sizes(shape);
        StringBuilder text = new StringBuilder();
        append(text, sizes, 0, new int[1]);
        return text.toString();
    }

    private long[] sizes(JsonNode shape) {
        if (!shape.isArray() || shape.size() > MOST_DIMENSIONS) {
            throw new InvalidInputException(where + " needs a shape of " + MOST_DIMENSIONS + " sizes at most");
        }
        long[] sizes = new long[shape.size()];
        long known = 1;
        int open = -1;
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = shape.get(i).isIntegralNumber() ? shape.get(i).asLong(-2) : -2;
            if (sizes[i] == -1 && open < 0) {
                open = i;
            } else if (sizes[i] < 0 || sizes[i] > numbers.size()) {
                throw misfit(shape);
            } else {
                // Neither factor is more than there are numbers, so that this cannot overflow.
                known = sizes[i] * known;
                if (known > numbers.size()) {
                    throw misfit(shape);
                }
            }
        }
        if (open >= 0 && known > 0) {
            sizes[open] = numbers.size() / known;
            known *= sizes[open];
        }
        if (known != numbers.size() || (open >= 0 && known == 0)) {
            throw misfit(shape);
        }
        return sizes;
    }

    private InvalidInputException misfit(JsonNode shape) {
        return new InvalidInputException(where + " has " + numbers.size() + " numbers, which have not the shape "
                + RequestJson.quoted(shape.toString()));
    }

    private void append(StringBuilder out, long[] sizes, int depth, int[] next) {
        if (depth == sizes.length) {
            type.append(out, numbers.get(next[0]++));
            return;
        }
        out.append('[');
        for (long i = 0; i < sizes[depth]; i++) {
            if (i > 0) {
                out.append(',');
            }
            append(out, sizes, depth + 1, next);
        }
        out.append(']');
    }
}
