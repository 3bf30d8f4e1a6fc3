package dev.cresset.torch;

import dev.cresset.engine.EngineException;
import org.jspecify.annotations.Nullable;

/** Says what LibTorch's complaints about a file mean. */
final class LoadFailures {

    private LoadFailures() {}

    static EngineException explained(EngineException e) {
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
        } else if (reason.contains("Unknown builtin op")) {
            return "it uses an operator that this LibTorch does not have";
        }
        return null;
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("").strip();
    }
}
