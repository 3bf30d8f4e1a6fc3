package dev.cresset.onnx;

import dev.cresset.InferenceException;
import dev.cresset.Model;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of ONNX's own tests of its operators ({@code onnx.backend.test}): a folder with a model, and with folders of arguments and results.
 * Numbers have to be as near as its own runner wants them, to 0.001 of each.
 */
final class NodeTest {

    private static final double RELATIVE = 1e-3;
    private static final double ABSOLUTE = 1e-7;

    private static final Pattern LACKING = Pattern.compile("its (input|result) '[^']*' is of type (\\S+?),");

    /** What ONNX Runtime's messages come to, the first that fits. */
    private static final Map<String, String> REASONS = new LinkedHashMap<>();

    static {
        REASONS.put("Invalid ONNXType", "optional input or result, which the Java API lacks");
        REASONS.put("implementation for", "no kernel in ONNX Runtime");
        REASONS.put("Failed to find kernel", "no kernel in ONNX Runtime");
        REASONS.put("is not a registered function/op", "operator that ONNX Runtime does not know");
        REASONS.put("Non-zero status code", "failure of an operator in ONNX Runtime");
        REASONS.put("not supported", "form of an operator that ONNX Runtime does not support");
        REASONS.put("Failed to construct locale", "locale that the system lacks");
    }

    private final Path folder;

    NodeTest(Path folder) {
        this.folder = folder;
    }

    String name() {
        return folder.getFileName().toString();
    }

    /** {@code passed}, or why not. */
    String outcome() throws IOException {
        try (Model model = Model.open(folder.resolve("model.onnx"))) {
            for (int set = 0; Files.exists(folder.resolve("test_data_set_" + set)); set++) {
                String outcome = outcome(model, folder.resolve("test_data_set_" + set));
                if (!outcome.equals("passed")) {
                    return outcome;
                }
            }
            return "passed";
        } catch (InferenceException e) {
            return reason(String.valueOf(e.getMessage()));
        }
    }

    private static String reason(String message) {
        Matcher lacking = LACKING.matcher(message);
        if (lacking.find()) {
            return lacking.group(1) + " of type " + lacking.group(2) + ", which the Java API lacks";
        }
        for (Map.Entry<String, String> known : REASONS.entrySet()) {
            if (message.contains(known.getKey())) {
                return known.getValue();
            }
        }
        return "refused: "
                + message.replaceAll("^.*?: ", "").lines().findFirst().orElse("");
    }

    private String outcome(Model model, Path data) throws IOException {
        List<Value> arguments = new ArrayList<>();
        for (int i = 0; Files.exists(data.resolve("input_" + i + ".pb")); i++) {
            arguments.add(TensorFile.read(Files.readAllBytes(data.resolve("input_" + i + ".pb")))
                    .value());
        }
        try (Value result = model.forward(arguments.toArray(new Value[0]))) {
            List<Value> results = result instanceof Value.DictValue dict && Files.exists(data.resolve("output_1.pb"))
                    ? List.copyOf(dict.entries().values())
                    : List.of(result);
            for (int i = 0; i < results.size(); i++) {
                byte[] file = Files.readAllBytes(data.resolve("output_" + i + ".pb"));
                if (!isAs(file, results.get(i))) {
                    return "another answer of ONNX Runtime's";
                }
            }
            return "passed";
        } finally {
            arguments.forEach(Value::close);
        }
    }

    private static boolean isAs(byte[] file, Value found) {
        if (found instanceof Tensor tensor) {
            return isAs(TensorFile.read(file), tensor);
        }
        if (found instanceof Value.ListValue list
                && !list.elements().isEmpty()
                && list.elements().get(0) instanceof Tensor) {
            List<TensorFile> wanted = TensorFile.sequence(file);
            if (wanted.size() != list.elements().size()) {
                return false;
            }
            for (int i = 0; i < wanted.size(); i++) {
                if (!isAs(wanted.get(i), list.elements().get(i).asTensor())) {
                    return false;
                }
            }
            return true;
        }
        return TensorFile.read(file).value().equals(found);
    }

    private static boolean isAs(TensorFile wanted, Tensor found) {
        if (!Arrays.equals(wanted.shape(), found.shape())) {
            return false;
        }
        for (int i = 0; i < found.elements(); i++) {
            double right = wanted.number(i);
            double number = number(found, i);
            boolean same = right == number || (Double.isNaN(right) && Double.isNaN(number));
            if (!same && !(Math.abs(right - number) <= ABSOLUTE + RELATIVE * Math.abs(right))) {
                return false;
            }
        }
        return true;
    }

    private static double number(Tensor tensor, int index) {
        ByteBuffer bytes = tensor.asByteBuffer();
        DataType type = tensor.dataType();
        int at = index * type.bytes();
        return switch (type) {
            case FLOAT32 -> bytes.getFloat(at);
            case FLOAT64 -> bytes.getDouble(at);
            case FLOAT16 -> TensorFile.half(bytes.getShort(at));
            case BFLOAT16 -> Float.intBitsToFloat(bytes.getShort(at) << 16);
            case INT8, BOOL -> bytes.get(at);
            case UINT8 -> bytes.get(at) & 0xff;
            case INT16 -> bytes.getShort(at);
            case INT32 -> bytes.getInt(at);
            case INT64 -> bytes.getLong(at);
        };
    }
}
