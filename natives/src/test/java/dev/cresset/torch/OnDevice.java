package dev.cresset.torch;

import dev.cresset.engine.Capability;
import dev.cresset.engine.Device;
import dev.cresset.engine.DeviceReport;
import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.ModelSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An engine that puts every model on one device, for tests that name none. */
record OnDevice(Engine engine, Device device, int cudaGraphs) implements Engine {

    OnDevice(Engine engine, Device device) {
        this(engine, device, 0);
    }

    @Override
    public EngineModel load(ModelSource source, LoadOptions options) {
        return engine.load(
                source,
                new LoadOptions(
                        options.intraOpThreads(),
                        options.freeze(),
                        options.precision(),
                        options.engineOptions(),
                        device,
                        cudaGraphs));
    }

    @Override
    public String name() {
        return engine.name();
    }

    @Override
    public Map<String, String> facts() {
        return engine.facts();
    }

    @Override
    public Set<Capability> capabilities() {
        return engine.capabilities();
    }

    @Override
    public List<DeviceReport> devices() {
        return engine.devices();
    }

    @Override
    public Optional<DeviceReport> device(Device asked) {
        return engine.device(asked);
    }

    @Override
    public Optional<String> unavailable(Device asked) {
        return engine.unavailable(asked);
    }
}
