package dev.cresset.internal.json;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import tools.jackson.core.io.NumberOutput;

/** A float as Python's {@code repr} writes it, and with it {@code json.dumps}. */
public final class PythonFloat {

    private PythonFloat() {}

    /** The shortest digits that read back as the same double, in Python's layout. */
    public static String text(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        } else if (Double.isInfinite(value)) {
            return value > 0 ? "Infinity" : "-Infinity";
        } else if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        // Jackson's writer has the shortest digits on every JDK; Double.toString only since 19.
        String text = NumberOutput.toString(Math.abs(value), /* useFastWriter= */ true);
        int e = text.indexOf('E');
        String mantissa = e < 0 ? text : text.substring(0, e);
        int exponent = e < 0 ? 0 : Integer.parseInt(text.substring(e + 1));
        int point = mantissa.indexOf('.');
        String digits = mantissa.substring(0, point) + mantissa.substring(point + 1);
        int scale = point + exponent; // the value is 0.digits times ten to this
        int leading = 0;
        while (leading < digits.length() - 1 && digits.charAt(leading) == '0') {
            leading++;
        }
        digits = digits.substring(leading);
        scale -= leading;
        int end = digits.length();
        while (end > 1 && digits.charAt(end - 1) == '0') {
            end--;
        }
        digits = digits.substring(0, end);
        if (digits.length() == 2) {
            // Java never writes fewer than two digits and then takes the nearest two; Python takes one where one is
            // enough.
            BigDecimal rounded = new BigDecimal(Math.abs(value)).round(new MathContext(1, RoundingMode.HALF_EVEN));
            if (rounded.doubleValue() == Math.abs(value)) {
                digits = rounded.unscaledValue().toString();
                scale = rounded.precision() - rounded.scale();
            }
        }
        return (value < 0 ? "-" : "") + layOut(digits, scale - 1);
    }

    /** Lays digits out whose first stands for ten to the given exponent: as Python does, plain from 1e-4 to below 1e16. */
    private static String layOut(String digits, int exponent) {
        if (exponent < -4 || exponent >= 16) {
            String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
            return digits.charAt(0) + fraction + "e%s%02d".formatted(exponent < 0 ? "-" : "+", Math.abs(exponent));
        }
        if (exponent < 0) {
            return "0." + "0".repeat(-exponent - 1) + digits;
        }
        if (digits.length() <= exponent + 1) {
            return digits + "0".repeat(exponent + 1 - digits.length()) + ".0";
        }
        return digits.substring(0, exponent + 1) + "." + digits.substring(exponent + 1);
    }
}
