package dev.cresset.internal;

import dev.cresset.ClosedException;
import dev.cresset.DeviceFailedException;
import dev.cresset.Handler;
import dev.cresset.InferenceException;
import dev.cresset.InvalidInputException;
import dev.cresset.ModelExecutionException;
import dev.cresset.ModelLoadException;
import dev.cresset.OutOfDeviceMemoryException;
import dev.cresset.OutOfNativeMemoryException;
import dev.cresset.engine.EngineException;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.regex.Pattern;

/** Turns what an engine throws into what users see. The one place where that happens. */
public final class Failures {

    /** A value in a message is for recognising it, not for reading it. */
    private static final int LONGEST_VALUE = 200;

    /** As Python ends a traceback; not indented, as the source is that a traceback shows. */
    private static final Pattern RAISED = Pattern.compile("builtins\\.\\w+: |[\\w.]*(Error|Exception): ");

    private Failures() {}

    public static InferenceException ofLoad(String model, EngineException e) {
        String message = "cannot load " + model + ": " + firstLine(e.reason());
        return switch (e.kind()) {
            case OUT_OF_MEMORY -> new OutOfNativeMemoryException(message, e);
            case OUT_OF_DEVICE_MEMORY -> new OutOfDeviceMemoryException(message, e);
            case DEVICE_FAILED -> new DeviceFailedException(message, e);
            default -> new ModelLoadException(message, e);
        };
    }

    public static InferenceException ofCall(String model, String method, List<Value> arguments, EngineException e) {
        String call = model + ": " + method;
        return switch (e.kind()) {
            case OUT_OF_MEMORY ->
                new OutOfNativeMemoryException(
                        call + " ran out of native memory: " + tellingLine(e.reason()) + "; arguments: "
                                + describe(arguments),
                        e);
            case OUT_OF_DEVICE_MEMORY ->
                new OutOfDeviceMemoryException(
                        call + " ran out of the device's memory: " + tellingLine(e.reason()) + "; arguments: "
                                + describe(arguments),
                        e);
            case DEVICE_FAILED ->
                new DeviceFailedException(
                        call + " failed with its device: " + tellingLine(e.reason())
                                + "; all models on it refuse until this process is started anew",
                        e);
            case INVALID_INPUT -> new InvalidInputException(call + ": " + firstLine(e.reason()), e);
            default ->
                new ModelExecutionException(
                        call + " failed: " + tellingLine(e.reason()) + "; arguments: " + describe(arguments),
                        e.reason(),
                        e);
        };
    }

    /** One of several items of a request, by its index; people count from one. */
    public static InvalidInputException ofItem(int index, int items, InvalidInputException e) {
        return new InvalidInputException("item " + (index + 1) + " of " + items + ": " + e.getMessage(), e);
    }

    /** What a handler throws. */
    public static InferenceException ofHandler(String model, Handler<?, ?> handler, String method, Exception e) {
        if (e instanceof InferenceException typed) {
            return typed;
        }
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        return new ModelExecutionException(model + ": " + nameOf(handler) + method + " failed: " + e, e);
    }

    /** A lambda has no name that says anything, and an anonymous class none at all. */
    private static String nameOf(Handler<?, ?> handler) {
        Class<?> type = handler.getClass();
        return type.isHidden() || type.isAnonymousClass() ? "its handler's " : type.getSimpleName() + ".";
    }

    /** What the JVM throws when buffers outside the heap have no room; an error of the heap's stays what it is. */
    public static OutOfNativeMemoryException ofMemory(String model, OutOfMemoryError e) {
        String reason = String.valueOf(e.getMessage());
        if (!reason.contains("direct buffer memory")) {
            throw e;
        }
        return new OutOfNativeMemoryException(
                model + " ran out of native memory: " + reason + "; -XX:MaxDirectMemorySize allows for more", e);
    }

    public static ClosedException closed(String what) {
        return new ClosedException(what + " is closed");
    }

    public static String describe(List<Value> values) {
        if (values.isEmpty()) {
            return "none";
        }
        return String.join(", ", values.stream().map(Failures::shortened).toList());
    }

    public static String shortened(Value value) {
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

    /**
     * The line that tells what went wrong. TorchScript says where first and then what, in a line of Python's; other parts of LibTorch
     * say what first, and then show their graphs and tables.
     */
    public static String tellingLine(String text) {
        List<String> lines = text.lines().filter(Failures::saysSomething).toList();
        int telling = lastRaised(lines);
        if (telling < 0) {
            telling = text.contains("Traceback of TorchScript") ? lines.size() - 1 : 0;
        }
        if (lines.isEmpty()) {
            return "no reason given";
        }
        String line = lines.get(telling).strip();
        boolean goesOn = line.endsWith(":") && telling + 1 < lines.size();
        return goesOn ? line + " " + lines.get(telling + 1).strip() : line;
    }

    private static int lastRaised(List<String> lines) {
        for (int i = lines.size() - 1; i >= 0; i--) {
            if (RAISED.matcher(lines.get(i)).lookingAt()) {
                return i;
            }
        }
        return -1;
    }

    private static boolean saysSomething(String line) {
        return line.codePoints().anyMatch(Character::isLetterOrDigit);
    }
}
