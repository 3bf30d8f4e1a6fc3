package dev.cresset.torch.portable;

import dev.cresset.engine.EngineException;
import dev.cresset.torch.shared.ExecutionFailures;

/** Turns what JavaCPP throws for a C++ exception into the engine's exception: the portable engine's one place for it. */
final class PortableFailures {

    private static final String NATIVE_FRAMES = "Exception raised from ";

    private PortableFailures() {}

    /** The exception to throw for this one: itself, unless it comes from C++. */
    static RuntimeException explained(RuntimeException e) {
        // JavaCPP throws exactly this class; its subclasses are Java's, and so are bugs and refusals of our own.
        if (e.getClass() != RuntimeException.class) {
            return e;
        }
        String message = withoutNativeFrames(String.valueOf(e.getMessage()));
        if (message.equals("std::bad_alloc")) {
            return new EngineException(EngineException.Kind.OUT_OF_MEMORY, "no native memory left");
        }
        return ExecutionFailures.explained(kind(message), message);
    }

    /** Why a call cannot be made: the caller's. */
    static EngineException refused(String reason) {
        return new EngineException(EngineException.Kind.INVALID_INPUT, reason);
    }

    /** Why a result cannot be handed out: the model's doing. */
    static EngineException unreadable(String reason) {
        return new EngineException(EngineException.Kind.EXECUTION, reason);
    }

    private static EngineException.Kind kind(String message) {
        if (message.contains("DefaultCPUAllocator")) {
            return EngineException.Kind.OUT_OF_MEMORY;
        }
        // How a schema refuses arguments, before anything of the model runs.
        boolean refusal = message.contains("Declaration: ") && !message.contains("in the TorchScript interpreter");
        return refusal ? EngineException.Kind.INVALID_INPUT : EngineException.Kind.EXECUTION;
    }

    private static String withoutNativeFrames(String message) {
        int frames = message.indexOf(NATIVE_FRAMES);
        return (frames < 0 ? message : message.substring(0, frames)).stripTrailing();
    }
}
