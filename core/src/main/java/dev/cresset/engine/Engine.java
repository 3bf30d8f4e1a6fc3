package dev.cresset.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What loads models: of each kind one a process, for as long as the process lives. Instances are safe for use by several threads.
 */
public interface Engine {

    /** The provider's name. */
    String name();

    /** What a bug report should say about the engine: versions, instruction sets, thread counts. */
    Map<String, String> facts();

    /** What its models may be able to do beside computing {@code forward} of tensors. */
    Set<Capability> capabilities();

    /**
     * The devices that are there for its models, and what is to be had of their memory now; the CPU first. Looks anew at every call, and
     * throws nothing: what cannot be used is not there, and {@link #unavailable} says why.
     */
    default List<DeviceReport> devices() {
        return List.of(DeviceReport.ofCpu());
    }

    /** One of {@link #devices}, without a look at the others; empty if it is not there. */
    default Optional<DeviceReport> device(Device device) {
        return devices().stream()
                .filter(report -> report.device().equals(device))
                .findFirst();
    }

    /**
     * Why a device cannot be used: one sentence that names what is missing, such as a library, a driver or the device itself; empty if it
     * can.
     */
    default Optional<String> unavailable(Device device) {
        return device.isCpu() ? Optional.empty() : Optional.of("engine '" + name() + "' computes on the CPU alone");
    }

    /**
     * Loads a model onto the device of the options, which is there. The source is lent for as long as the module as it was saved may be asked for: until the model has settled,
     * is closed, or its opener is sure that it asks for other ways alone.
     *
     * @throws EngineException of kind {@code LOAD}, if the engine cannot make a model of this, {@code OUT_OF_MEMORY}, {@code
     *     OUT_OF_DEVICE_MEMORY} or {@code DEVICE_FAILED}
     */
    EngineModel load(ModelSource source, LoadOptions options);

    /** A new one that resamples rows of pixels faster than Java does; empty where the engine has none. */
    default Optional<RowResampler> rowResampler() {
        return Optional.empty();
    }
}
