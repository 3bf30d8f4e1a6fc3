package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.engine.CollectionsContract;
import dev.cresset.engine.EngineContractTest;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.MethodsContract;
import dev.cresset.engine.ModelSource;
import dev.cresset.engine.ScalarsContract;
import dev.cresset.engine.StateContract;
import dev.cresset.engine.TracebacksContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The contract, on the modules that PyTorch made. */
public abstract class TorchContractTest extends EngineContractTest
        implements MethodsContract, ScalarsContract, CollectionsContract, StateContract, TracebacksContract {

    public static Path fixture(String name) {
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
    public ModelSource source(String module) {
        return new ModelSource.InFile(module, fixture("modules/" + module + ".pt"));
    }

    @Override
    protected ModelSource nonsense() {
        return inMemory(fixture("modules/not-a-module.pt"));
    }

    /** Batch normalisation counts its batches, but only while it is trained: a module saved in train mode is in eval mode here. */
    @Test
    void isStateful_batchNormThatIsNotTrained_isNot() {
        try (EngineModel model = engine().load(source("train-mode"), new LoadOptions(1, true))) {
            assertThat(model.isStateful()).isFalse();
        }
    }
}
