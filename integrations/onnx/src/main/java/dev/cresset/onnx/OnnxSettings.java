package dev.cresset.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.cresset.engine.EngineException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What ONNX Runtime is told of a model: its options, and where they say nothing the system properties of the same names. Used by one thread.
 */
final class OnnxSettings {

    static final String GRAPH_OPTIMIZATION = "cresset.onnx.graphOptimization";
    static final String PROVIDERS = "cresset.onnx.providers";
    static final String PROFILE = "cresset.onnx.profile";
    static final String ENTRY = "cresset.onnx.session.";

    /** These are of the process: its threads start once. */
    static final String SHARED_THREADS = "cresset.onnx.sharedThreads";

    private static final String SPINNING = "cresset.onnx.spinning";
    private static final String LOG_LEVEL = "cresset.onnx.logLevel";

    private final Map<String, String> given;

    OnnxSettings(Map<String, String> given) {
        this.given = given;
    }

    static boolean spins() {
        return Boolean.getBoolean(SPINNING);
    }

    /** What fails is an exception with all that ONNX Runtime says; it need not print that, too. */
    static OrtLoggingLevel logLevel() {
        String name = System.getProperty(LOG_LEVEL, "fatal").toUpperCase(Locale.ROOT);
        return Arrays.stream(OrtLoggingLevel.values())
                .filter(level -> level.name().equals("ORT_LOGGING_LEVEL_" + name))
                .findFirst()
                .orElseThrow(() -> new EngineException(
                        EngineException.Kind.UNAVAILABLE,
                        LOG_LEVEL + " is '" + name + "', expected verbose, info, warning, error or fatal"));
    }

    private String get(String property, String otherwise) {
        String own = given.get(property);
        return own != null ? own : System.getProperty(property, otherwise);
    }

    boolean saysHowToOptimize() {
        return !get(GRAPH_OPTIMIZATION, "").isEmpty();
    }

    /** These, for a graph that is left as it is. */
    OnnxSettings unoptimized() {
        Map<String, String> all = new TreeMap<>(given);
        all.put(GRAPH_OPTIMIZATION, "none");
        return new OnnxSettings(all);
    }

    boolean profiles() {
        return !get(PROFILE, "").isEmpty();
    }

    void apply(OrtSession.SessionOptions options) throws OrtException {
        options.setOptimizationLevel(level(get(GRAPH_OPTIMIZATION, "all")));
        options.addConfigEntry("session.intra_op.allow_spinning", spins() ? "1" : "0");
        if (profiles()) {
            options.enableProfiling(get(PROFILE, ""));
        }
        for (Map.Entry<String, String> entry : entries().entrySet()) {
            options.addConfigEntry(entry.getKey(), entry.getValue());
        }
        String providers = get(PROVIDERS, "");
        for (String provider : providers.isEmpty() ? new String[0] : providers.split(",", -1)) {
            Providers.add(options, provider.strip());
        }
    }

    private Map<String, String> entries() {
        Map<String, String> entries = new TreeMap<>();
        for (String name : System.getProperties().stringPropertyNames()) {
            if (name.startsWith(ENTRY)) {
                entries.put(name.substring(ENTRY.length()), System.getProperty(name));
            }
        }
        given.forEach((name, value) -> {
            if (name.startsWith(ENTRY)) {
                entries.put(name.substring(ENTRY.length()), value);
            }
        });
        return entries;
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
                        GRAPH_OPTIMIZATION + " is '" + name + "', expected none, basic, extended or all");
        };
    }
}
