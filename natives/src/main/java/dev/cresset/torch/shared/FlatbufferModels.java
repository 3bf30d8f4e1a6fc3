package dev.cresset.torch.shared;

import dev.cresset.engine.EngineException;
import dev.cresset.engine.ModelSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

/** Refuses models in flatbuffer form, as phones load them: LibTorch opens such a file, and the first call ends the process. */
public final class FlatbufferModels {

    /** A flatbuffer names its format here. */
    private static final int FORMAT_AT = 4;

    private static final String FORMAT = "PTMF";

    private FlatbufferModels() {}

    public static void refuse(ModelSource source) {
        String start = new String(start(source), StandardCharsets.ISO_8859_1);
        if (start.startsWith(FORMAT, FORMAT_AT)) {
            throw new EngineException(
                    EngineException.Kind.LOAD,
                    "it is a mobile model in flatbuffer form, which this engine cannot run;"
                            + " save torch.jit.script(model) with torch.jit.save instead");
        }
    }

    private static byte[] start(ModelSource source) {
        int length = FORMAT_AT + FORMAT.length();
        if (source instanceof ModelSource.InMemory memory) {
            ByteBuffer bytes = memory.bytes().duplicate();
            byte[] start = new byte[Math.min(length, bytes.remaining())];
            bytes.get(start);
            return start;
        }
        if (!(source instanceof ModelSource.InFile inFile)) {
            return new byte[0];
        }
        try (InputStream file = Files.newInputStream(inFile.path())) {
            return file.readNBytes(length);
        } catch (IOException e) {
            return new byte[0]; // LibTorch says why it cannot be read
        }
    }
}
