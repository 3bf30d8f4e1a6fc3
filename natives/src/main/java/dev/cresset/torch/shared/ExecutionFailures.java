package dev.cresset.torch.shared;

import dev.cresset.engine.EngineException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says what LibTorch's complaints during a call mean, where its own words do not. They stay, for the trace; the meaning comes
 * last, as Python puts what went wrong.
 */
public final class ExecutionFailures {

    /** LibTorch was asked for a device that it was not built for, or that is not there. */
    private static final Pattern DEVICE = Pattern.compile(
            "with arguments from the '\\w*?(CUDA|HIP|XPU|MPS|XLA|HPU|IPU|MTIA|Lazy|VE|Vulkan|PrivateUse1)' backend"
                    + "|not linked with support for (\\w+) devices"
                    + "|Cannot initialize (\\w+) without"
                    + "|not compiled with (\\w+) enabled"
                    + "|No (\\w+) GPUs are available"
                    + "|(Found no NVIDIA driver)");

    private ExecutionFailures() {}

    public static EngineException explained(EngineException.Kind kind, String text) {
        String meaning = kind == EngineException.Kind.EXECUTION ? meaning(text) : null;
        return new EngineException(kind, meaning == null ? text : text.stripTrailing() + "\nRuntimeError: " + meaning);
    }

    private static @Nullable String meaning(String text) {
        Matcher complaint = DEVICE.matcher(text);
        if (!complaint.find()) {
            return null;
        }
        return "the model's code names device " + deviceIn(text, complaint)
                + ", which this LibTorch does not have; script or trace the model on the CPU, after model.cpu(), and save it"
                + " again: torch.jit.load's map_location moves weights, but does not change code";
    }

    /** As the code writes it, at best where it failed; else as LibTorch calls it. */
    private static String deviceIn(String text, Matcher complaint) {
        String kind = kind(complaint);
        Pattern named = Pattern.compile("[\"'](" + Pattern.quote(kind) + "(?::\\d+)?)[\"'](?:, (\\d+))?");
        String before = text.substring(0, complaint.start());
        int here = before.indexOf("<--- HERE");
        int failed = here < 0 ? 0 : before.lastIndexOf('\n', before.lastIndexOf('\n', here) - 1) + 1;
        Matcher name = named.matcher(before);
        if (name.find(failed) || name.find(0)) {
            return name.group(2) == null ? name.group(1) : name.group(1) + ":" + name.group(2);
        }
        return kind;
    }

    private static String kind(Matcher complaint) {
        for (int i = 1; i < complaint.groupCount(); i++) {
            if (complaint.group(i) != null) {
                return complaint.group(i).toLowerCase(Locale.ROOT);
            }
        }
        return "cuda";
    }
}
