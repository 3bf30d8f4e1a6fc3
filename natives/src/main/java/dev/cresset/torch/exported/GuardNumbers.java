package dev.cresset.torch.exported;

import java.util.List;
import java.util.Set;

/** Python's numbers: whole ones stay whole but for {@code /}, quotients and remainders are rounded down. */
final class GuardNumbers {

    static final Set<String> FUNCTIONS = Set.of(
            "max",
            "min",
            "abs",
            "int",
            "float",
            "math.floor",
            "math.ceil",
            "math.trunc",
            "math.sqrt",
            "torch.sym_max",
            "torch.sym_min",
            "torch.sym_int",
            "torch.sym_float",
            "torch._sym_sqrt");

    private GuardNumbers() {}

    static boolean compare(String how, Number some, Number other) {
        int order = areWhole(some, other)
                ? Long.compare(some.longValue(), other.longValue())
                : Double.compare(some.doubleValue(), other.doubleValue());
        return switch (how) {
            case "==" -> order == 0;
            case "!=" -> order != 0;
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
        };
    }

    static Number compute(String how, Number some, Number other) {
        boolean isDivided = how.equals("/") || how.equals("//") || how.equals("%");
        if (isDivided && other.doubleValue() == 0) {
            throw new Guard.DivisionByZero();
        }
        return areWhole(some, other) && !how.equals("/")
                ? whole(how, some.longValue(), other.longValue())
                : fraction(how, some.doubleValue(), other.doubleValue());
    }

    private static boolean areWhole(Number some, Number other) {
        return some instanceof Long && other instanceof Long;
    }

    private static Number whole(String how, long some, long other) {
        return switch (how) {
            case "+" -> Math.addExact(some, other);
            case "-" -> Math.subtractExact(some, other);
            case "*" -> Math.multiplyExact(some, other);
            case "//" -> Math.floorDiv(some, other);
            case "%" -> Math.floorMod(some, other);
            default -> power(some, other);
        };
    }

    private static long power(long base, long exponent) {
        if (exponent < 0 || exponent > Long.SIZE) {
            throw new ArithmeticException("a power of no size");
        }
        long power = 1;
        for (long i = 0; i < exponent; i++) {
            power = Math.multiplyExact(power, base);
        }
        return power;
    }

    private static Number fraction(String how, double some, double other) {
        return switch (how) {
            case "+" -> some + other;
            case "-" -> some - other;
            case "*" -> some * other;
            case "/" -> some / other;
            case "//" -> Math.floor(some / other);
            case "%" -> some - other * Math.floor(some / other);
            default -> Math.pow(some, other);
        };
    }

    static Number call(String function, List<Number> given) {
        Number first = given.get(0);
        return switch (function) {
            case "max", "torch.sym_max" ->
                given.stream().reduce((a, b) -> compare(">=", a, b) ? a : b).orElse(first);
            case "min", "torch.sym_min" ->
                given.stream().reduce((a, b) -> compare("<=", a, b) ? a : b).orElse(first);
            case "abs" -> compare("<", first, 0L) ? compute("-", 0L, first) : first;
            case "float", "torch.sym_float" -> first.doubleValue();
            case "math.sqrt", "torch._sym_sqrt" -> Math.sqrt(first.doubleValue());
            case "math.floor" -> first instanceof Long ? first : (Number) (long) Math.floor(first.doubleValue());
            case "math.ceil" -> first instanceof Long ? first : (Number) (long) Math.ceil(first.doubleValue());
            default -> first.longValue();
        };
    }
}
