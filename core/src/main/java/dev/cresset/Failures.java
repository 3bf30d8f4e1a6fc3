package dev.cresset;

import dev.cresset.engine.EngineException;
import dev.cresset.tensor.Value;
import java.util.List;

/** Turns what an engine throws into what users see. The one place where that happens. */
final class Failures {

    /** A value in a message is for recognising it, not for reading it. */
    private static final int LONGEST_VALUE = 200;

    private Failures() {}

    static InferenceException ofLoad(String model, EngineException e) {
        String message = "cannot load " + model + ": " + firstLine(e.reason());
        return e.kind() == EngineException.Kind.OUT_OF_MEMORY
                ? new OutOfNativeMemoryException(message, e)
                : new ModelLoadException(message, e);
    }

    static InferenceException ofCall(String model, String method, List<Value> arguments, EngineException e) {
        String call = model + ": " + method;
        return switch (e.kind()) {
            case OUT_OF_MEMORY ->
                new OutOfNativeMemoryException(
                        call + " ran out of native memory: " + lastLine(e.reason()) + "; arguments: "
                                + describe(arguments),
                        e);
            case INVALID_INPUT -> new InvalidInputException(call + ": " + firstLine(e.reason()), e);
            default ->
                new ModelExecutionException(
                        call + " failed: " + lastLine(e.reason()) + "; arguments: " + describe(arguments),
                        e.reason(),
                        e);
        };
    }

    /** One of several items of a request; the first is item 0, as in the request's JSON. */
    static InvalidInputException ofItem(int index, int items, InvalidInputException e) {
        return new InvalidInputException("item " + index + " of " + items + ": " + e.getMessage(), e);
    }

    /** What a handler throws. */
    static InferenceException ofHandler(String model, Handler<?, ?> handler, String method, Exception e) {
        if (e instanceof InferenceException typed) {
            return typed;
        }
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        return new ModelExecutionException(
                model + ": " + handler.getClass().getSimpleName() + "." + method + " failed: " + e, null, e);
    }

    /** What the JVM throws when buffers outside the heap have no room; an error of the heap's stays what it is. */
    static OutOfNativeMemoryException ofMemory(String model, OutOfMemoryError e) {
        String reason = String.valueOf(e.getMessage());
        if (!reason.contains("direct buffer memory")) {
            throw e;
        }
        return new OutOfNativeMemoryException(
                model + " ran out of native memory: " + reason + "; -XX:MaxDirectMemorySize allows for more", e);
    }

    static ClosedException closed(String what) {
        return new ClosedException(what + " is closed", null);
    }

    static String describe(List<Value> values) {
        if (values.isEmpty()) {
            return "none";
        }
        return String.join(", ", values.stream().map(Failures::shortened).toList());
    }

    static String shortened(Value value) {
        String text = value.toString();
        return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "...";
    }

    private static String firstLine(String text) {
        return text.lines()
                .filter(line -> !line.isBlank())
                .findFirst()
                .orElse("no reason given")
                .strip();
    }

    /** Where TorchScript says what went wrong, after where. */
    static String lastLine(String text) {
        return text.lines()
                .filter(line -> !line.isBlank())
                .reduce((a, b) -> b)
                .orElse("no reason given")
                .strip();
    }
}
