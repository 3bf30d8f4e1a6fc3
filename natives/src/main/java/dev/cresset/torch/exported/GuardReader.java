package dev.cresset.torch.exported;

import dev.cresset.torch.exported.Guard.Expression;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a guard by Python's grammar, as far as guards are written in it: comparisons of sums, products, quotients and remainders of the
 * inputs' sizes and of numbers. Used by one thread.
 */
final class GuardReader {

    private static final Pattern TOKEN =
            Pattern.compile("\\s*(\\d+\\.\\d*(?:e[+-]?\\d+)?|\\d{1,18}|'[^'\\\\]*'|[A-Za-z_][\\w]*"
                    + "|//|\\*\\*|==|!=|<=|>=|[-+*/%<>()\\[\\].,])");

    private static final Pattern LOCAL = Pattern.compile("L\\['([^']*)'\\]");

    /** As deep as one is nested, and as long as one is in all. */
    private static final int DEEPEST = 100;

    private static final int LONGEST = 1000;

    /** What no reader of this grammar knows. */
    private static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable() {
            super("", null, false, false);
        }
    }

    private final List<String> tokens = new ArrayList<>();
    private final List<String> parameters;
    private final Map<String, Expression> inputs = new LinkedHashMap<>();
    private boolean isWhole;
    private int at;
    private int depth;

    GuardReader(String text, List<String> parameters) {
        this.parameters = parameters;
        Matcher matcher = TOKEN.matcher(text);
        int end = 0;
        while (tokens.size() < LONGEST && matcher.find(end) && matcher.start() == end) {
            tokens.add(matcher.group(1));
            end = matcher.end();
        }
        isWhole = text.substring(end).isBlank();
        tokens.add("");
    }

    /** {@code x} of {@code L['x']} */
    static String withoutLocals(String text) {
        return LOCAL.matcher(text).replaceAll("$1");
    }

    static boolean isTrue(Number value) {
        return value.doubleValue() != 0;
    }

    /** What has been read of the inputs, as it stands there. */
    Map<String, Expression> inputs() {
        return inputs;
    }

    Optional<Expression> whole() {
        try {
            Expression read = either();
            return isWhole && peek().isEmpty() ? Optional.of(read) : Optional.empty();
        } catch (Unreadable e) {
            return Optional.empty();
        }
    }

    private String peek() {
        return tokens.get(at);
    }

    private boolean next(String token) {
        boolean isNext = peek().equals(token);
        at += isNext ? 1 : 0;
        return isNext;
    }

    private void require(String token) throws Unreadable {
        if (!next(token)) {
            throw new Unreadable();
        }
    }

    private Expression either() throws Unreadable {
        if (++depth > DEEPEST) {
            throw new Unreadable();
        }
        Expression some = both();
        while (next("or")) {
            Expression left = some;
            Expression right = both();
            some = arguments -> truth(isTrue(left.of(arguments)) || isTrue(right.of(arguments)));
        }
        depth--;
        return some;
    }

    private Expression both() throws Unreadable {
        Expression some = not();
        while (next("and")) {
            Expression left = some;
            Expression right = not();
            some = arguments -> truth(isTrue(left.of(arguments)) && isTrue(right.of(arguments)));
        }
        return some;
    }

    private Expression not() throws Unreadable {
        if (next("not")) {
            if (++depth > DEEPEST) {
                throw new Unreadable();
            }
            Expression other = not();
            depth--;
            return arguments -> truth(!isTrue(other.of(arguments)));
        }
        return comparison();
    }

    /** {@code a < b} and {@code a < b < c}, which is both. */
    private Expression comparison() throws Unreadable {
        Expression left = sum();
        Expression all = null;
        while (List.of("==", "!=", "<", "<=", ">", ">=").contains(peek())) {
            String how = tokens.get(at++);
            Expression some = left;
            Expression other = sum();
            Expression before = all;
            Expression one = arguments -> truth(GuardNumbers.compare(how, some.of(arguments), other.of(arguments)));
            all = before == null ? one : arguments -> truth(isTrue(before.of(arguments)) && isTrue(one.of(arguments)));
            left = other;
        }
        return all == null ? left : all;
    }

    private Expression sum() throws Unreadable {
        Expression some = product();
        while (peek().equals("+") || peek().equals("-")) {
            some = computed(tokens.get(at++), some, product());
        }
        return some;
    }

    private Expression product() throws Unreadable {
        Expression some = negative();
        while (List.of("*", "/", "//", "%").contains(peek())) {
            some = computed(tokens.get(at++), some, negative());
        }
        return some;
    }

    private static Expression computed(String how, Expression some, Expression other) {
        return arguments -> GuardNumbers.compute(how, some.of(arguments), other.of(arguments));
    }

    private Expression negative() throws Unreadable {
        if (next("-")) {
            if (++depth > DEEPEST) {
                throw new Unreadable();
            }
            Expression other = negative();
            depth--;
            return arguments -> GuardNumbers.compute("-", 0L, other.of(arguments));
        }
        Expression base = atom();
        return next("**") ? computed("**", base, negative()) : base;
    }

    private Expression atom() throws Unreadable {
        String token = tokens.get(at++);
        if (token.equals("(")) {
            Expression inner = either();
            require(")");
            return inner;
        } else if (token.equals("L")) {
            return input();
        } else if (token.equals("True") || token.equals("False")) {
            Number truth = truth(token.equals("True"));
            return arguments -> truth;
        } else if (!token.isEmpty() && Character.isDigit(token.charAt(0))) {
            Number number = token.contains(".") ? (Number) Double.valueOf(token) : (Number) Long.valueOf(token);
            return arguments -> number;
        } else if (token.equals("math") || token.equals("torch")) {
            require(".");
            return function(token + "." + tokens.get(at++));
        }
        return function(token);
    }

    private Expression function(String name) throws Unreadable {
        if (!GuardNumbers.FUNCTIONS.contains(name)) {
            throw new Unreadable();
        }
        require("(");
        List<Expression> given = new ArrayList<>();
        do {
            given.add(either());
        } while (next(","));
        require(")");
        if (given.size() > 1 && !name.endsWith("max") && !name.endsWith("min")) {
            throw new Unreadable();
        }
        return arguments -> GuardNumbers.call(
                name, given.stream().map(one -> one.of(arguments)).toList());
    }

    /** {@code L['x'].size()[0]}, {@code L['features']['user'].size()[0]}, or a number: {@code L['n']}. */
    private Expression input() throws Unreadable {
        int begin = at - 1;
        Expression read = place();
        inputs.put(withoutLocals(String.join("", tokens.subList(begin, at))), read);
        return read;
    }

    private Expression place() throws Unreadable {
        List<Object> path = new ArrayList<>();
        while (peek().equals("[") || (peek().equals(".") && !tokens.get(at + 1).equals("size"))) {
            path.add(next("[") ? key() : attribute());
        }
        GuardPlace place = GuardPlace.of(path, parameters).orElseThrow(Unreadable::new);
        if (!next(".")) {
            return place::number;
        }
        require("size");
        require("(");
        require(")");
        require("[");
        if (!(key() instanceof Integer dimension)) {
            throw new Unreadable();
        }
        return arguments -> place.size(arguments, dimension);
    }

    private Object key() throws Unreadable {
        String token = tokens.get(at++);
        require("]");
        if (token.startsWith("'")) {
            return token.substring(1, token.length() - 1);
        } else if (token.matches("\\d{1,4}")) {
            return Integer.valueOf(token);
        }
        throw new Unreadable();
    }

    private Object attribute() throws Unreadable {
        require(".");
        return tokens.get(at++);
    }

    private static Number truth(boolean is) {
        return is ? 1L : 0L;
    }
}
