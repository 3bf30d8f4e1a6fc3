package dev.cresset.torch;

import dev.cresset.config.SystemProperties;
import dev.cresset.engine.Device;
import dev.cresset.engine.DeviceReport;
import dev.cresset.engine.EngineException;
import dev.cresset.torch.libraries.NativeLibraries;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The GPUs that the bridge can compute on. What LibTorch needs for them is loaded when somebody asks for one, and not before: it takes half a
 * gigabyte. Safe for use by several threads.
 *
 * <p>The system property {@code cresset.tf32} lets all models of the process compute products of float32 numbers with fewer bits of them
 * (TensorFloat-32), {@code cresset.cudnnBenchmark} has cuDNN try its algorithms for convolutions of each size that a thread meets, and take
 * the fastest (torch.backends.cudnn.benchmark); both are read when the first device is asked for.
 */
final class BridgeDevices {

    private BridgeDevices() {}

    /** One of them, if it is there; the others are not looked at, for a look may wake one up. */
    static Optional<DeviceReport> report(Device device) {
        return unavailable(device).isPresent() ? Optional.empty() : report(device, new Reply(new WireBlock(4096)));
    }

    /** Those that are there. */
    static List<DeviceReport> reports() {
        if (librariesMissing().isPresent()) {
            return List.of();
        }
        Reply reply = new Reply(new WireBlock(4096));
        reply.received(Bridge.countDevices(DeviceCodes.cuda(), reply.address(), reply.capacity()));
        List<DeviceReport> reports = new ArrayList<>();
        long count = reply.word();
        for (int index = 0; index < count; index++) {
            report(Device.cuda(index), reply).ifPresent(reports::add);
        }
        return reports;
    }

    /** Nothing of one that has failed. */
    private static Optional<DeviceReport> report(Device device, Reply reply) {
        try {
            reply.received(
                    Bridge.describeDevice(DeviceCodes.kind(device), device.index(), reply.address(), reply.capacity()));
        } catch (EngineException e) {
            return Optional.empty();
        }
        return Optional.of(
                new DeviceReport(device, reply.text(), reply.word(), reply.word(), reply.word(), reply.word()));
    }

    /** Why a device cannot be used; empty if it can. */
    static Optional<String> unavailable(Device device) {
        if (device.isCpu()) {
            return Optional.empty();
        }
        Optional<String> missing = librariesMissing();
        if (missing.isPresent()) {
            return missing;
        }
        Reply reply = new Reply(new WireBlock(4096));
        reply.received(Bridge.whyNot(DeviceCodes.kind(device), device.index(), reply.address(), reply.capacity()));
        String reason = reply.text();
        return reason.isEmpty() ? Optional.empty() : Optional.of(reason);
    }

    private static Optional<String> librariesMissing() {
        return DeviceCodes.isCudaMeant() ? Cuda.MISSING : Optional.empty();
    }

    /** Loaded at the first wish for a GPU. */
    private static final class Cuda {
        static final Optional<String> MISSING = load();

        private static Optional<String> load() {
            try {
                NativeLibraries.loadCuda();
            } catch (EngineException e) {
                return Optional.of(e.reason());
            }
            Bridge.setUpCuda(
                    Boolean.getBoolean(SystemProperties.TF32), Boolean.getBoolean(SystemProperties.CUDNN_BENCHMARK));
            return Optional.empty();
        }
    }
}
