package dev.cresset.engine;

/**
 * How an engine says what went wrong. Core turns it into the exception that users see, with the model's name.
 */
public final class EngineException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What went wrong, as far as a caller can act on it. */
    public enum Kind {
        /** The engine cannot run in this process. */
        UNAVAILABLE,
        /** The bytes are not a model that the engine can run. */
        LOAD,
        /** The arguments do not fit the method. */
        INVALID_INPUT,
        /** The model failed. */
        EXECUTION,
        /** There is no native memory left for it. */
        OUT_OF_MEMORY,
        /**
         * There is no memory left for it on the device, which works all the same: the sentence says on which, how much was asked for,
         * how much is free, and how much this process uses.
         */
        OUT_OF_DEVICE_MEMORY,
        /** The device does not work any more, for no model in this process: the sentence says which, and what it said. */
        DEVICE_FAILED
    }

    private final Kind kind;
    private final String reason;

    /** What went wrong, in one sentence without the model's name. */
    public EngineException(Kind kind, String message) {
        super(message);
        this.kind = kind;
        this.reason = message;
    }

    /** A failure of a kind, why in the engine's words, and what brought it about. */
    public EngineException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.reason = message;
    }

    /** What went wrong, as far as a caller can act on it. */
    public Kind kind() {
        return kind;
    }

    /** What went wrong, in words: the message. */
    public String reason() {
        return reason;
    }
}
