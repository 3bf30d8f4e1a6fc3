package dev.cresset.tensor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;

/** What lists, tuples and dicts do with what is in them, which may be nested deeper than a thread's stack is high. */
final class Nested {

    /** Nobody reads further. */
    private static final int DEEPEST_SHOWN = 100;

    private static final int LONGEST_SHOWN = 100_000;

    /** Enough to tell values apart. */
    private static final int DEEPEST_HASHED = 8;

    private Nested() {}

    /** TorchScript has no others, and what is in a key could not be compared without following it down. */
    static void requireKey(Value key) {
        Objects.requireNonNull(key, "a key of the dict");
        if (isNested(key)) {
            throw new IllegalArgumentException("a dict's keys are str, int, float, bool or tensors, one is "
                    + key.getClass().getSimpleName());
        }
    }

    private static boolean isNested(Value value) {
        return value instanceof Value.ListValue
                || value instanceof Value.TupleValue
                || value instanceof Value.DictValue;
    }

    static void close(Value value) {
        Deque<Value> left = new ArrayDeque<>();
        left.push(value);
        while (!left.isEmpty()) {
            Value next = left.pop();
            if (next instanceof Value.DictValue dict) {
                dict.entries().forEach((key, element) -> {
                    left.push(key);
                    left.push(element);
                });
            } else if (isNested(next)) {
                next.asList().forEach(left::push);
            } else if (next instanceof Tensor tensor) {
                tensor.close();
            }
        }
    }

    private record Pair(Value one, Value other) {}

    static boolean equal(Value one, Value other) {
        Deque<Pair> left = new ArrayDeque<>();
        left.push(new Pair(one, other));
        while (!left.isEmpty()) {
            Pair next = left.pop();
            if (next.one == next.other) {
                continue;
            }
            if (next.one.getClass() != next.other.getClass()) {
                return false;
            }
            boolean same;
            if (next.one instanceof Value.DictValue dict) {
                same = pairs(dict.entries(), ((Value.DictValue) next.other).entries(), left);
            } else if (isNested(next.one)) {
                same = pairs(next.one.asList().iterator(), next.other.asList().iterator(), left);
            } else {
                same = next.one.equals(next.other);
            }
            if (!same) {
                return false;
            }
        }
        return true;
    }

    private static boolean pairs(Map<Value, Value> one, Map<Value, Value> other, Deque<Pair> to) {
        if (one.size() != other.size()) {
            return false;
        }
        for (Map.Entry<Value, Value> entry : one.entrySet()) {
            Value found = other.get(entry.getKey());
            if (found == null) {
                return false;
            }
            to.push(new Pair(entry.getValue(), found));
        }
        return true;
    }

    private static boolean pairs(Iterator<Value> one, Iterator<Value> other, Deque<Pair> to) {
        while (one.hasNext() && other.hasNext()) {
            to.push(new Pair(one.next(), other.next()));
        }
        return !one.hasNext() && !other.hasNext();
    }

    static int hash(Value value) {
        return hash(value, 0);
    }

    private static int hash(Value value, int depth) {
        if (!isNested(value)) {
            return value.hashCode();
        }
        int hash = 1;
        if (depth == DEEPEST_HASHED) {
            return hash;
        }
        if (value instanceof Value.DictValue dict) {
            for (Map.Entry<Value, Value> entry : dict.entries().entrySet()) {
                hash += entry.getKey().hashCode() ^ hash(entry.getValue(), depth + 1); // in whatever order
            }
            return hash;
        }
        for (Value element : value.asList()) {
            hash = 31 * hash + hash(element, depth + 1);
        }
        return hash;
    }

    static String text(Value value) {
        StringBuilder out = new StringBuilder();
        append(value, 0, out);
        return out.toString();
    }

    private static void append(Value value, int depth, StringBuilder out) {
        if (!isNested(value)) {
            out.append(value);
        } else if (depth == DEEPEST_SHOWN) {
            out.append("...");
        } else if (value instanceof Value.DictValue dict) {
            String separator = "";
            out.append("dict {");
            for (Map.Entry<Value, Value> entry : dict.entries().entrySet()) {
                out.append(separator).append(entry.getKey()).append('=');
                append(entry.getValue(), depth + 1, out);
                separator = ", ";
                if (out.length() > LONGEST_SHOWN) {
                    out.append(", ...");
                    break;
                }
            }
            out.append('}');
        } else {
            String separator = "";
            out.append(value instanceof Value.TupleValue ? "tuple [" : "list [");
            for (Value element : value.asList()) {
                out.append(separator);
                append(element, depth + 1, out);
                separator = ", ";
                if (out.length() > LONGEST_SHOWN) {
                    out.append(", ...");
                    break;
                }
            }
            out.append(']');
        }
    }
}
