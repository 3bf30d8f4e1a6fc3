package dev.cresset.internal.tuning;

import dev.cresset.ModelOptions;
import dev.cresset.engine.Device;
import dev.cresset.engine.DeviceReport;
import dev.cresset.engine.Engine;
import dev.cresset.engine.Precision;
import dev.cresset.internal.Sha256;
import dev.cresset.tensor.Value;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/** A name for all that the choice of a way to compute depends on: what differs in any of it, is tuned anew. */
public final class PlanKey {

    /** How ways are chosen: what was chosen by other rules is not found any more. */
    private static final int RULES = 2;

    private PlanKey() {}

    /**
     * The key of a model on this machine.
     *
     * @param model what tells its content from any other's
     * @param samples the arguments that it is tuned with: their types and shapes count
     */
    public static String of(String model, Engine engine, Device device, ModelOptions options, List<Value> samples) {
        List<String> parts = new ArrayList<>();
        parts.add(model);
        parts.add(engine.name());
        parts.add(engine.facts().toString());
        if (!device.isCpu()) {
            parts.add(nameOf(device, engine)); // the CPU's is among the facts
        }
        parts.add(Integer.toString(
                Math.min(options.intraOpThreads(), Runtime.getRuntime().availableProcessors())));
        parts.add(options.precision().name());
        parts.add(options.precision() == Precision.AS_SAVED ? "" : Double.toString(options.maxDeviation()));
        if (!device.isCpu() && options.cudaGraphs() > 0) {
            parts.add("graphs"); // what costs kernels is cheap there
        }
        samples.forEach(sample -> parts.add(sample.toString()));
        return of(parts);
    }

    /** By its maker's name: of two GPUs of a kind, what is the fastest on one is on the other. */
    private static String nameOf(Device device, Engine engine) {
        return engine.device(device).map(DeviceReport::name).orElse(device.toString());
    }

    static String of(List<String> parts) {
        MessageDigest digest = Sha256.start();
        digest.update((byte) RULES);
        for (String part : parts) {
            digest.update(part.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
        }
        return Sha256.hex(digest);
    }
}
