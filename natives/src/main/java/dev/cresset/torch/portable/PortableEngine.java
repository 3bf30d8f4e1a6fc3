package dev.cresset.torch.portable;

import dev.cresset.engine.Capability;
import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.ModelSource;
import dev.cresset.engine.Precision;
import dev.cresset.torch.libraries.LinkFailures;
import dev.cresset.torch.libraries.NativeLibraries;
import dev.cresset.torch.shared.FlatbufferModels;
import dev.cresset.torch.shared.LoadFailures;
import dev.cresset.torch.shared.OpenOnce;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.global.torch;

/**
 * LibTorch through the presets' Java API: for platforms that the bridge is not built for. It answers as the bridge does,
 * but makes dozens of native calls and JavaCPP pointers a prediction, and never turns oneDNN's graph fusion on. One a
 * process; safe for use by several threads.
 *
 * <p>What the presets cannot do, and what is done instead:
 *
 * <ol>
 *   <li>Read a module from memory: it passes through a temporary file.
 *   <li>Ask LibTorch what a graph writes to: {@link PortableEffects} follows it.
 *   <li>Lend LibTorch the caller's tensors where that is safe: arguments are copied.
 *   <li>Give a thread its number of intra-op threads without telling the process: see {@link PortableThreads}.
 * </ol>
 */
public final class PortableEngine implements Engine {

    public static final String NAME = "torch-portable";

    public static final List<String> PLATFORMS = List.of("linux-x86_64", "windows-x86_64", "macosx-arm64");

    private static final OpenOnce INSTANCE = new OpenOnce(PortableEngine::new);

    private final Map<String, String> facts;

    private PortableEngine() {
        NativeLibraries.tameJavaCpp();
        load();
        boolean tuned = keepOpenBlasOnItsCallersThread();
        Map<String, String> found = new LinkedHashMap<>();
        found.put("PyTorch presets", version());
        found.put("CPU capability", PortablePointers.scoped(() -> PortableText.read(torch.get_cpu_capability())));
        found.put("OpenBLAS threads", tuned ? "1" : "no OpenBLAS");
        facts = Collections.unmodifiableMap(found);
    }

    /** The engine of this process. */
    public static Engine instance() {
        return INSTANCE.get();
    }

    private static String version() {
        try {
            return String.valueOf(Loader.getVersion("org.bytedeco", "pytorch"));
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static void load() {
        String platform = NativeLibraries.platform();
        if (!PLATFORMS.contains(platform)) {
            throw new EngineException(
                    EngineException.Kind.UNAVAILABLE,
                    "the presets have LibTorch for " + PLATFORMS + ", this is " + platform);
        }
        synchronized (NativeLibraries.PROCESS) {
            NativeLibraries.unpackForPresets();
            try {
                Loader.load(torch.class);
            } catch (LinkageError e) {
                throw LinkFailures.explained(platform, e);
            }
        }
    }

    /**
     * OpenBLAS brings threads of its own, which spin against OpenMP's: a 3 ms call then takes 160. False where there is no
     * OpenBLAS to tell.
     */
    private static boolean keepOpenBlasOnItsCallersThread() {
        // Asked first, for the presets answer its absence on System.out.
        if (Loader.addressof("openblas_set_num_threads") == null) {
            return false;
        }
        openblas_nolapack.blas_set_num_threads(1);
        return true;
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
        return EnumSet.complementOf(EnumSet.of(Capability.OPTIMIZATIONS));
    }

    @Override
    public EngineModel load(ModelSource source, LoadOptions options) {
        if (options.precision() != Precision.AS_SAVED) {
            throw new EngineException(
                    EngineException.Kind.LOAD,
                    "engine '" + NAME + "' computes in the precision that a module was saved with, not in "
                            + options.precision());
        }
        FlatbufferModels.refuse(source);
        if (source instanceof ModelSource.InFile file) {
            return load(file.path(), options);
        }
        if (source instanceof ModelSource.Exported) {
            throw new EngineException(
                    EngineException.Kind.LOAD,
                    "it is a program of torch.export, which engine '" + NAME + "' cannot run; engine 'torch'"
                            + " can, where there is one for the platform; for this one, save torch.jit.trace(model, example)");
        }
        ByteBuffer bytes = ((ModelSource.InMemory) source).bytes().duplicate();
        try {
            Path file = Files.createTempFile("cresset", ".pt");
            try {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                }
                return load(file, options);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new EngineException(
                    EngineException.Kind.LOAD,
                    "cannot write it to a temporary file, which this engine reads it from: " + e
                            + "; -Djava.io.tmpdir=DIR names a folder that can be written to",
                    e);
        }
    }

    private static EngineModel load(Path file, LoadOptions options) {
        // LibTorch opens it by the bytes that the system's own functions take.
        Charset charset = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
        try {
            return PortablePointers.scoped(() -> {
                BytePointer path = PortableText.write(file.toAbsolutePath().toString(), charset);
                JitModule module =
                        torch.load(path, new DeviceOptional(new Device("cpu")), /* load_debug_files= */ true);
                return PortableModel.of(module, options);
            });
        } catch (EngineException e) {
            throw e.kind() == EngineException.Kind.OUT_OF_MEMORY ? e : LoadFailures.explained(e);
        }
    }
}
