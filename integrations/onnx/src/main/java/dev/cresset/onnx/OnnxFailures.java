package dev.cresset.onnx;

import ai.onnxruntime.OrtException;
import dev.cresset.engine.EngineException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns ONNX Runtime's failures into what core knows. */
final class OnnxFailures {

    /** What the Java API puts before a message. */
    private static final Pattern CODE = Pattern.compile("^Error code - \\w+ - message: ", Pattern.MULTILINE);

    private static final Pattern NO_MEMORY = Pattern.compile(
            "bad_?alloc|bad allocation|Failed to allocate memory|out of memory", Pattern.CASE_INSENSITIVE);

    /** What it checks before it computes. */
    private static final Pattern INPUT = Pattern.compile(
            "(Got invalid dimensions for input|Invalid rank for input|Unexpected input data type|Missing Input|Input feed)");

    private OnnxFailures() {}

    static EngineException ofLoad(OrtException e) {
        return failure(EngineException.Kind.LOAD, e);
    }

    static EngineException ofCall(OrtException e) {
        boolean isInput = INPUT.matcher(String.valueOf(e.getMessage())).lookingAt()
                || INPUT.matcher(reason(e)).lookingAt();
        return failure(isInput ? EngineException.Kind.INVALID_INPUT : EngineException.Kind.EXECUTION, e);
    }

    static EngineException refused(String message) {
        return new EngineException(EngineException.Kind.INVALID_INPUT, message);
    }

    private static EngineException failure(EngineException.Kind kind, OrtException e) {
        String reason = reason(e);
        return new EngineException(
                NO_MEMORY.matcher(reason).find() ? EngineException.Kind.OUT_OF_MEMORY : kind, reason, e);
    }

    private static String reason(OrtException e) {
        Matcher code = CODE.matcher(String.valueOf(e.getMessage()));
        return code.replaceFirst("").strip();
    }
}
