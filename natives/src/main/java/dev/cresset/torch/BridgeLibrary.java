package dev.cresset.torch;

import dev.cresset.engine.EngineException;
import dev.cresset.torch.libraries.Linker;
import dev.cresset.torch.libraries.NativeLibraries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Binds this class loader's {@link Bridge} to the bridge that the process has, if it was built from the same sources
 * (docs/decisions/013-class-loaders.md).
 */
final class BridgeLibrary {

    /** What precedes the digest of its sources in a bridge's file. */
    private static final String MARK = "cresset bridge, sources ";

    private static final int DIGEST = 64;

    private BridgeLibrary() {}

    /** Loads the bridge, what it needs, and binds to it. Once a class loader: the engine's holder class sees to that. */
    static void load() {
        synchronized (NativeLibraries.PROCESS) {
            bind(NativeLibraries.loadBridge());
        }
    }

    private static void bind(Path bridge) {
        String there = Linker.find(NativeLibraries.BRIDGE).map(Path::toString).orElse("nowhere");
        try {
            Linker.bind(NativeLibraries.BRIDGE, Bridge.class);
            if (Bridge.sourceDigest().equals(sources(bridge))) {
                return;
            }
        } catch (LinkageError e) {
            // It knows other methods.
        }
        throw new EngineException(
                EngineException.Kind.UNAVAILABLE,
                "this process has the bridge of another build of Cresset already, loaded from " + there + ", not "
                        + bridge + "; use one version of Cresset in all class loaders, or start the JVM anew");
    }

    /** The digest of the sources that a bridge was built from, as its file says. */
    private static String sources(Path bridge) {
        try {
            String bytes = Files.readString(bridge, StandardCharsets.ISO_8859_1);
            int begin = bytes.indexOf(MARK) + MARK.length();
            return bytes.substring(begin, Math.min(begin + DIGEST, bytes.length()));
        } catch (IOException e) {
            return "cannot be read: " + e;
        }
    }
}
