package dev.cresset.torch;

import dev.cresset.engine.Capability;
import dev.cresset.engine.Device;
import dev.cresset.engine.DeviceReport;
import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.ModelSource;
import dev.cresset.engine.RowResampler;
import dev.cresset.torch.exported.LoweredPrograms;
import dev.cresset.torch.exported.UnsupportedProgram;
import dev.cresset.torch.libraries.LibTorch;
import dev.cresset.torch.libraries.Linker;
import dev.cresset.torch.shared.FlatbufferModels;
import dev.cresset.torch.shared.LoadFailures;
import dev.cresset.torch.shared.OpenOnce;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** LibTorch through the bridge: one native call a prediction. One a process; safe for use by several threads. */
final class BridgeEngine implements Engine {

    static final String NAME = "torch";

    private static final System.Logger LOG = System.getLogger("dev.cresset");

    private static final int LONGEST_GUARD = 200;

    private static final OpenOnce INSTANCE = new OpenOnce(BridgeEngine::new);

    private final Map<String, String> facts;

    private BridgeEngine() {
        BridgeLibrary.load();
        Reply reply = new Reply(new WireBlock(4096));
        int processors = Runtime.getRuntime().availableProcessors();
        reply.received(Bridge.start(processors, reply.address(), reply.capacity()));
        Map<String, String> found = new LinkedHashMap<>();
        for (long count = reply.word(); count > 0; count--) {
            String fact = reply.text();
            found.put(fact, reply.text());
        }
        found.put(LibTorch.TORCH, build());
        facts = Collections.unmodifiableMap(found);
    }

    /** Tells the builds of one version from each other, wherever they lie: that of the jars, and those of PyTorch's wheels. */
    private static String build() {
        Optional<Path> loaded = Linker.find(LibTorch.TORCH);
        try {
            return loaded.isPresent() ? Files.size(loaded.get()) + " bytes" : "not found";
        } catch (IOException e) {
            return "gone"; // since it was loaded
        }
    }

    /** The engine of this process. */
    static Engine instance() {
        return INSTANCE.get();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, String> facts() {
        return facts;
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.allOf(Capability.class);
    }

    @Override
    public List<DeviceReport> devices() {
        List<DeviceReport> devices = new ArrayList<>();
        devices.add(cpu());
        devices.addAll(BridgeDevices.reports());
        return devices;
    }

    private DeviceReport cpu() {
        return new DeviceReport(Device.cpu(), facts.getOrDefault("CPU", "CPU").strip(), 0, 0, 0, 0);
    }

    @Override
    public Optional<DeviceReport> device(Device device) {
        return device.isCpu() ? Optional.of(cpu()) : BridgeDevices.report(device);
    }

    @Override
    public Optional<String> unavailable(Device device) {
        return BridgeDevices.unavailable(device);
    }

    @Override
    public EngineModel load(ModelSource source, LoadOptions options) {
        FlatbufferModels.refuse(source);
        BridgeDevices.unavailable(options.device()).ifPresent(reason -> {
            throw new EngineException(EngineException.Kind.UNAVAILABLE, reason);
        });
        Request request = new Request(new WireBlock(1024));
        Optional<LoweredPrograms> programs = Optional.empty();
        if (source instanceof ModelSource.Exported exported) {
            programs = Optional.of(lowered(exported));
            request.text(exported.archive().path().toAbsolutePath().toString())
                    .word(0)
                    .word(0);
        } else if (source instanceof ModelSource.InFile file) {
            request.text(file.path().toAbsolutePath().toString()).word(0).word(0);
        } else if (source instanceof ModelSource.InMemory memory) {
            request.text("")
                    .word(Bridge.addressOf(memory.bytes().slice()))
                    .word(memory.bytes().remaining());
        }
        request.word(options.intraOpThreads())
                .word(options.freeze() ? 1 : 0)
                .word(BridgeModel.code(options.precision()))
                .word(programs.map(lowered -> Bridge.addressOf(lowered.words())).orElse(0L))
                .word(programs.map(lowered -> (long) lowered.words().remaining() / Long.BYTES)
                        .orElse(0L))
                .word(DeviceCodes.kind(options.device()))
                .word(options.device().index())
                .word(options.cudaGraphs());
        Reply reply = new Reply(new WireBlock(16 * 1024));
        try {
            reply.received(Bridge.load(request.address(), reply.address(), reply.capacity()));
        } catch (EngineException e) {
            throw switch (e.kind()) {
                case OUT_OF_MEMORY, OUT_OF_DEVICE_MEMORY, DEVICE_FAILED -> e;
                default -> LoadFailures.explained(e);
            };
        } finally {
            Reference.reachabilityFence(source);
            Reference.reachabilityFence(request);
            Reference.reachabilityFence(programs);
        }
        Map<String, LoweredPrograms.Method> methods =
                programs.map(LoweredPrograms::methods).orElse(Map.of());
        return new BridgeModel(reply.word(), reply, methods, options.cudaGraphs(), source);
    }

    private static LoweredPrograms lowered(ModelSource.Exported exported) {
        try {
            LoweredPrograms lowered = LoweredPrograms.of(exported.archive(), exported.programs());
            lowered.methods().values().stream()
                    .flatMap(method -> method.unread().stream())
                    .forEach(guard -> LOG.log(
                            System.Logger.Level.WARNING,
                            () -> exported.name() + ": torch.export guards its inputs by what is not understood here,"
                                    + " and not checked: " + shortened(guard)));
            return lowered;
        } catch (UnsupportedProgram | IOException e) {
            throw new EngineException(EngineException.Kind.LOAD, String.valueOf(e.getMessage()), e);
        }
    }

    private static String shortened(String guard) {
        return guard.length() <= LONGEST_GUARD ? guard : guard.substring(0, LONGEST_GUARD) + "...";
    }

    @Override
    public Optional<RowResampler> rowResampler() {
        return Bridge.canResample() ? Optional.of(new BridgeRowResampler()) : Optional.empty();
    }
}
