package dev.cresset.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.cresset.engine.EngineException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** What ONNX Runtime is told beside what core knows, by system properties that begin with {@code cresset.onnx.}. */
record OnnxSettings(OptLevel graph, String providers, String profile, Map<String, String> entries) {

    private static final String PREFIX = "cresset.onnx.";
    private static final String ENTRY = PREFIX + "session.";

    static OnnxSettings ofProcess() {
        Map<String, String> entries = new java.util.TreeMap<>();
        for (String name : System.getProperties().stringPropertyNames()) {
            if (name.startsWith(ENTRY)) {
                entries.put(name.substring(ENTRY.length()), System.getProperty(name));
            }
        }
        return new OnnxSettings(
                level(System.getProperty(PREFIX + "graphOptimization", "all")),
                System.getProperty(PREFIX + "providers", ""),
                System.getProperty(PREFIX + "profile", ""),
                entries);
    }

    private static OptLevel level(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "none" -> OptLevel.NO_OPT;
            case "basic" -> OptLevel.BASIC_OPT;
            case "extended" -> OptLevel.EXTENDED_OPT;
            case "all" -> OptLevel.ALL_OPT;
            default ->
                throw new EngineException(
                        EngineException.Kind.LOAD,
                        PREFIX + "graphOptimization is '" + name + "', expected none, basic, extended or all");
        };
    }

    static boolean spins() {
        return Boolean.getBoolean(PREFIX + "spinning");
    }

    /** What fails is an exception with all that ONNX Runtime says; it need not print that, too. */
    static OrtLoggingLevel logLevel() {
        String name = System.getProperty(PREFIX + "logLevel", "fatal").toUpperCase(Locale.ROOT);
        return Arrays.stream(OrtLoggingLevel.values())
                .filter(level -> level.name().equals("ORT_LOGGING_LEVEL_" + name))
                .findFirst()
                .orElse(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    }

    boolean profiles() {
        return !profile.isEmpty();
    }

    void apply(OrtSession.SessionOptions options) throws OrtException {
        options.setOptimizationLevel(graph);
        options.addConfigEntry("session.intra_op.allow_spinning", spins() ? "1" : "0");
        if (profiles()) {
            options.enableProfiling(profile);
        }
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            options.addConfigEntry(entry.getKey(), entry.getValue());
        }
        for (String provider : providers.isEmpty() ? new String[0] : providers.split(",", -1)) {
            Providers.add(options, provider.strip());
        }
    }
}
