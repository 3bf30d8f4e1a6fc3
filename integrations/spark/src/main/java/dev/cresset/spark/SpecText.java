package dev.cresset.spark;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.TensorSpec;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A tensor's type and shape as a parameter has them: {@code float32[3, 224, 224]}; {@code ?} for a size that is free. */
final class SpecText {

    private static final Pattern FORM =
            Pattern.compile("\\s*(\\w+)\\s*\\[\\s*((?:\\d+|\\?)(?:\\s*,\\s*(?:\\d+|\\?))*)?\\s*]\\s*");

    private SpecText() {}

    static TensorSpec parse(String text) {
        Matcher found = FORM.matcher(text);
        if (!found.matches()) {
            throw new IllegalArgumentException(
                    "'" + text
                            + "' says no tensor; it must be a type and the sizes of a row's dimensions, such as float32[30] or int64[]");
        }
        DataType type = Arrays.stream(DataType.values())
                .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(found.group(1)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "'" + text + "' has the type '" + found.group(1) + "', expected one of "
                                + Arrays.toString(DataType.values()).toLowerCase(Locale.ROOT)));
        String sizes = found.group(2);
        long[] shape = sizes == null
                ? new long[0]
                : Arrays.stream(sizes.split(","))
                        .map(String::strip)
                        .mapToLong(size -> size.equals("?") ? TensorSpec.ANY : Long.parseLong(size))
                        .toArray();
        return TensorSpec.of(type, shape);
    }
}
