package dev.cresset.engine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Core's own engine keeps the contract, and leaves nothing open. */
@ExtendWith(OpenThings.class)
class FakeEngineContractTest extends FullEngineContractTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Override
    public Engine engine() {
        return FakeEngine.instance();
    }

    @Override
    public ModelSource source(String module) {
        try {
            return new ModelSource.InFile(module, Files.writeString(folder.resolve(module + ".pt"), module));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    protected ModelSource nonsense() {
        byte[] bytes = "no such thing".getBytes(StandardCharsets.UTF_8);
        return new ModelSource.InMemory(
                "nonsense", ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
    }
}
