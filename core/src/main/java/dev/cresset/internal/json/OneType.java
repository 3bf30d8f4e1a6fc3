package dev.cresset.internal.json;

import dev.cresset.InvalidInputException;
import tools.jackson.databind.JsonNode;

/**
 * JSON arrays of numbers whose numbers shall have one type, as they have in Python once they are one tensor or array: floats
 * if there is a fraction among them, else integers, else booleans. Seen so, {@code [1, 2]} is {@code [1.0, 2.0]} where it
 * stands beside {@code [0.5, 3]}.
 */
public enum OneType {
    BOOLEAN,
    INTEGER,
    FLOAT;

    /** The type that all numbers in a value can have. */
    public static OneType of(JsonNode value) {
        OneType type = BOOLEAN;
        if (value.isArray()) {
            for (JsonNode element : value) {
                OneType other = of(element);
                type = other.compareTo(type) > 0 ? other : type;
                if (type == FLOAT) {
                    return FLOAT;
                }
            }
        } else if (value.isNumber()) {
            type = value.isIntegralNumber() ? INTEGER : FLOAT;
        }
        return type;
    }

    /** Appends a value with its numbers in this type. */
    public void append(StringBuilder out, JsonNode value) {
        if (value.isArray()) {
            out.append('[');
            String separator = "";
            for (JsonNode element : value) {
                out.append(separator);
                append(out, element);
                separator = ",";
            }
            out.append(']');
        } else {
            appendLeaf(out, value);
        }
    }

    private void appendLeaf(StringBuilder out, JsonNode leaf) {
        boolean number = leaf.isNumber() || leaf.isBoolean();
        if (number && this == FLOAT) {
            out.append(PythonFloat.text(doubleOf(leaf)));
        } else if (leaf.isBoolean() && this == INTEGER) {
            out.append(leaf.asBoolean() ? 1 : 0);
        } else {
            out.append(leaf);
        }
    }

    /** A number or a truth value as a float, as Python has it. */
    static double doubleOf(JsonNode number) {
        if (number.isBoolean()) {
            return number.asBoolean() ? 1 : 0;
        }
        double value = RequestJson.doubleOf(number);
        if (Double.isInfinite(value) && number.isIntegralNumber()) {
            throw new InvalidInputException(
                    "the request's number " + RequestJson.shortened(number.toString()) + " is beyond every float");
        }
        return value;
    }
}
