package dev.cresset.spring.boot;

import dev.cresset.DeviceUnavailableException;
import dev.cresset.EngineUnavailableException;
import dev.cresset.mar.ArchiveException;

/** A model that the properties name cannot be opened. Its message is a sentence; {@link ModelOpeningFailureAnalyzer} says what to do. */
final class ModelOpeningException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is to be changed. */
    enum Kind {
        /** Where the model is looked for. */
        LOCATION,
        /** The file itself. */
        FILE,
        /** The handler. */
        HANDLER,
        /** Another property. */
        SETTING,
        /** Where it computes. */
        DEVICE,
        /** The machine, or what is on the class path. */
        ENGINE,
        /** What the model is, or how it answers. */
        MODEL,
        /** The name, which another bean has. */
        NAME
    }

    private final Kind kind;
    private final String property;

    /** About one property, such as {@code cresset.models.risk.path}. */
    ModelOpeningException(Kind kind, String property, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.property = property;
    }

    ModelOpeningException(Kind kind, String property, String message) {
        super(message);
        this.kind = kind;
        this.property = property;
    }

    /** What opening has thrown. */
    static ModelOpeningException of(String prefix, Exception cause) {
        if (cause instanceof ModelOpeningException known) {
            return known;
        }
        Kind kind = kind(cause);
        String property = switch (kind) {
            case SETTING -> prefix;
            case DEVICE -> prefix + ".devices";
            default -> prefix + ".path";
        };
        String message = cause.getMessage();
        return new ModelOpeningException(kind, property, message == null ? cause.toString() : message, cause);
    }

    private static Kind kind(Exception cause) {
        if (cause instanceof EngineUnavailableException) {
            return Kind.ENGINE;
        }
        if (cause instanceof DeviceUnavailableException) {
            return Kind.DEVICE;
        }
        if (cause instanceof ArchiveException) {
            return Kind.FILE;
        }
        return cause instanceof IllegalArgumentException ? Kind.SETTING : Kind.MODEL;
    }

    Kind kind() {
        return kind;
    }

    String property() {
        return property;
    }
}
