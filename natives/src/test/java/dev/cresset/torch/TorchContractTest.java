package dev.cresset.torch;

import dev.cresset.engine.EngineContractTest;
import dev.cresset.engine.ModelSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** The contract, on the modules that PyTorch made. */
abstract class TorchContractTest extends EngineContractTest {

    static Path fixture(String name) {
        return Path.of(System.getProperty("cresset.fixtures")).resolve(name);
    }

    static ModelSource inMemory(Path path) {
        try {
            byte[] bytes = Files.readAllBytes(path);
            return new ModelSource.InMemory(
                    path.getFileName().toString(),
                    ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected ModelSource source(String module) {
        return new ModelSource.InFile(module, fixture("modules/" + module + ".pt"));
    }

    @Override
    protected ModelSource sourceInMemory(String module) {
        return inMemory(fixture("modules/" + module + ".pt"));
    }

    @Override
    protected ModelSource nonsense() {
        return inMemory(fixture("modules/not-a-module.pt"));
    }
}
