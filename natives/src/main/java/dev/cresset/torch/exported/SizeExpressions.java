package dev.cresset.torch.exported;

import dev.cresset.pt2.RangeConstraint;
import dev.cresset.pt2.SymExpr;
import dev.cresset.pt2.SymInt;
import dev.cresset.tensor.Size;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what sympy writes of a size, {@code Add(Mul(Integer(2), Symbol('s77', positive=True, integer=True)), Integer(1))}. What is no sum
 * of multiples of symbols counts as a size of its own, of which nothing but its bounds is known.
 */
final class SizeExpressions {

    private static final Pattern TOKEN = Pattern.compile(
            "\\s*(?:Symbol\\('(\\w+)'[^)]*\\)|Integer\\((-?\\d{1,18})\\)|(-?\\d{1,18})|(Add|Mul)\\(|([,)]))");

    private final Map<String, RangeConstraint> ranges;

    SizeExpressions(Map<String, RangeConstraint> ranges) {
        this.ranges = ranges;
    }

    Size size(SymInt size) {
        if (size instanceof SymInt.AsInt fixed) {
            return Size.fixed(fixed.value());
        }
        SymInt.AsExpr expression = (SymInt.AsExpr) size;
        long example = expression.hint().orElse(null) instanceof SymExpr.Hint.AsInt hint ? hint.value() : 2;
        try {
            Optional<Size> sum = new Reading(expression.exprStr())
                    .whole()
                    .filter(read -> !read.multiples.isEmpty())
                    .map(read -> size(read, example));
            if (sum.isPresent()) {
                return sum.get();
            }
        } catch (ArithmeticException e) {
            throw new UnsupportedProgram(
                    "it has a size that no tensor has: " + expression.exprStr() + "; export the model again", e);
        }
        return Size.symbol(expression.exprStr(), 0, Long.MAX_VALUE, example);
    }

    private Size size(Sum sum, long example) {
        long min = 0;
        long max = Long.MAX_VALUE;
        if (sum.multiples.size() == 1) {
            Map.Entry<String, Long> only = sum.multiples.entrySet().iterator().next();
            RangeConstraint range = ranges.get(only.getKey());
            if (range != null && only.getValue() > 0) {
                min = least(range)
                        .map(least -> exact(least, only.getValue(), sum.constant))
                        .orElse(min);
                max = most(range)
                        .map(most -> exact(most, only.getValue(), sum.constant))
                        .orElse(max);
            }
        }
        return new Size(sum.multiples, sum.constant, Math.max(0, min), max, example);
    }

    private static long exact(long number, long times, long more) {
        return Math.addExact(Math.multiplyExact(number, times), more);
    }

    /** Export gives most sizes a least of 2, and takes 0 and 1 all the same when it runs; so does this. */
    private static Optional<Long> least(RangeConstraint range) {
        return range.minVal().filter(least -> least > 2 && least < Integer.MAX_VALUE);
    }

    private static Optional<Long> most(RangeConstraint range) {
        return range.maxVal().filter(most -> most < Integer.MAX_VALUE);
    }

    /** Multiples of symbols, and what is added to them. */
    private record Sum(Map<String, Long> multiples, long constant) {}

    private static final class Reading {
        private final Matcher token;
        private final int length;
        private int at;

        Reading(String text) {
            token = TOKEN.matcher(text);
            length = text.length();
        }

        Optional<Sum> whole() {
            Optional<Sum> sum = sum(0);
            return at == length ? sum : Optional.empty();
        }

        private boolean next() {
            if (!token.find(at) || token.start() != at) {
                return false;
            }
            at = token.end();
            return true;
        }

        private Optional<Sum> sum(int depth) {
            if (depth > 20 || !next()) {
                return Optional.empty();
            }
            if (token.group(1) != null) {
                return Optional.of(new Sum(Map.of(token.group(1), 1L), 0));
            }
            String number = token.group(2) != null ? token.group(2) : token.group(3);
            if (number != null) {
                return Optional.of(new Sum(Map.of(), Long.parseLong(number)));
            }
            return token.group(4) == null ? Optional.empty() : of(token.group(4).equals("Add"), depth);
        }

        private Optional<Sum> of(boolean isAdded, int depth) {
            Optional<Sum> all = sum(depth + 1);
            while (all.isPresent() && next() && token.group(5) != null) {
                if (token.group(5).equals(")")) {
                    return all;
                }
                Optional<Sum> other = sum(depth + 1);
                Sum before = all.get();
                all = other.flatMap(one -> isAdded ? Optional.of(added(before, one)) : multiplied(before, one));
            }
            return Optional.empty();
        }

        private static Sum added(Sum a, Sum b) {
            Map<String, Long> multiples = new HashMap<>(a.multiples);
            b.multiples.forEach((symbol, times) -> multiples.merge(symbol, times, Math::addExact));
            multiples.values().removeIf(times -> times == 0);
            return new Sum(multiples, Math.addExact(a.constant, b.constant));
        }

        private static Optional<Sum> multiplied(Sum a, Sum b) {
            if (!a.multiples.isEmpty() && !b.multiples.isEmpty()) {
                return Optional.empty();
            }
            Sum sum = a.multiples.isEmpty() ? b : a;
            long times = a.multiples.isEmpty() ? a.constant : b.constant;
            if (times == 0) {
                return Optional.of(new Sum(Map.of(), 0));
            }
            Map<String, Long> multiples = new HashMap<>();
            sum.multiples.forEach((symbol, before) -> multiples.put(symbol, Math.multiplyExact(before, times)));
            return Optional.of(new Sum(multiples, Math.multiplyExact(sum.constant, times)));
        }
    }
}
