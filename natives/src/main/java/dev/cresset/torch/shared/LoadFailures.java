package dev.cresset.torch.shared;

import dev.cresset.engine.EngineException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says what LibTorch's complaints about a file mean. */
public final class LoadFailures {

    /** A name with its namespace; the sentence's full stop is not part of it. */
    private static final Pattern UNKNOWN_OPERATOR = Pattern.compile("Unknown builtin op: (\\w+(?:(?:::|\\.)\\w+)*)");

    private LoadFailures() {}

    public static EngineException explained(EngineException e) {
        String reason = e.reason();
        String meaning = meaning(reason);
        return new EngineException(
                EngineException.Kind.LOAD,
                meaning == null ? reason : meaning + " (LibTorch: " + firstLine(reason) + ")",
                e);
    }

    private static @Nullable String meaning(String reason) {
        if (reason.contains("constants.pkl")) {
            return "it is a PyTorch file, but not a TorchScript one: weights alone (torch.save), or another kind of export;"
                    + " save torch.jit.script(model) or torch.jit.trace(model, example) instead";
        } else if (reason.contains("PytorchStreamReader failed")) {
            return "it is not a TorchScript file, or a damaged one";
        }
        Matcher operator = UNKNOWN_OPERATOR.matcher(reason);
        return operator.find() ? meaningOfUnknown(operator.group(1)) : null;
    }

    private static String meaningOfUnknown(String operator) {
        return "it uses " + operator + ", which this engine does not have; "
                + (operator.startsWith("torchvision::")
                        ? "the engine 'torch', on Linux x86-64, has torchvision's nms, box_iou_rotated, roi_align, roi_pool,"
                                + " ps_roi_align, ps_roi_pool and deform_conv2d"
                        : "save it without that operator, or with a PyTorch as old as this LibTorch");
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("").strip();
    }
}
