package dev.cresset.handler;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An answer as an output of KServe v2: its elements in a row, of the type that numpy would find for all of them. */
final class FlatOutput {

    private FlatOutput() {}

    static Map<String, Object> of(String name, @Nullable Object answer) {
        List<@Nullable Object> data = new ArrayList<>();
        flatten(answer, data);
        String datatype = datatype(data);
        if (datatype.equals("FP64")) {
            data.replaceAll(FlatOutput::asDouble);
        }
        Map<String, Object> output = new LinkedHashMap<>();
        output.put("name", name);
        output.put("datatype", datatype);
        output.put("data", data);
        output.put("shape", List.of(data.size()));
        return output;
    }

    private static void flatten(@Nullable Object value, List<@Nullable Object> data) {
        if (value instanceof List<?> list) {
            list.forEach(element -> flatten(element, data));
        } else {
            data.add(value);
        }
    }

    /** Objects, strings and null are all BYTES there. */
    private static String datatype(List<@Nullable Object> data) {
        boolean booleans = !data.isEmpty();
        boolean integers = !data.isEmpty();
        for (Object value : data) {
            if (!(value instanceof Number || value instanceof Boolean) || value instanceof BigInteger) {
                return "BYTES";
            }
            booleans &= value instanceof Boolean;
            integers &= value instanceof Long;
        }
        return booleans ? "BOOL" : integers ? "INT64" : "FP64";
    }

    private static @Nullable Object asDouble(@Nullable Object value) {
        if (value instanceof Boolean truth) {
            return truth ? 1.0 : 0.0;
        }
        return value instanceof Number number ? (Object) number.doubleValue() : value;
    }
}
