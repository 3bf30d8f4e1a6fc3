package dev.cresset.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a model is to be loaded.
 *
 * @param intraOpThreads how many threads one operator of one call may use, at least 1
 * @param freeze whether the engine may fold a model's weights into its code, if the model does not change them
 * @param precision the numbers to compute with; a lower one than the module's needs freezing
 * @param engineOptions what single engines are told, each by its name
 * @param device where the model is to compute; one that is there
 * @param cudaGraphs how many of the model's prepared calls may be graphs there, at least 0; where there are none of the kind, none are
 */
public record LoadOptions(
        int intraOpThreads,
        boolean freeze,
        Precision precision,
        List<EngineOptions> engineOptions,
        Device device,
        int cudaGraphs) {

    /** Without graphs. */
    public LoadOptions(
            int intraOpThreads, boolean freeze, Precision precision, List<EngineOptions> engineOptions, Device device) {
        this(intraOpThreads, freeze, precision, engineOptions, device, 0);
    }

    /** On the CPU. */
    public LoadOptions(int intraOpThreads, boolean freeze, Precision precision, List<EngineOptions> engineOptions) {
        this(intraOpThreads, freeze, precision, engineOptions, Device.cpu());
    }

    /** Without anything for single engines. */
    public LoadOptions(int intraOpThreads, boolean freeze, Precision precision) {
        this(intraOpThreads, freeze, precision, List.of());
    }

    /** In the module's own precision. */
    public LoadOptions(int intraOpThreads, boolean freeze) {
        this(intraOpThreads, freeze, Precision.AS_SAVED);
    }

    /** Checks the number of threads. */
    public LoadOptions {
        engineOptions = List.copyOf(engineOptions);
        if (intraOpThreads < 1) {
            throw new IllegalArgumentException("intraOpThreads is " + intraOpThreads + ", it must be at least 1");
        }
    }

    /** What an engine of this name is told; of several that say the same, the last holds. */
    public Map<String, String> engineProperties(String engine) {
        Map<String, String> properties = new LinkedHashMap<>();
        engineOptions.stream()
                .filter(options -> options.engine().equals(engine))
                .forEach(options -> properties.putAll(options.properties()));
        return properties;
    }
}
