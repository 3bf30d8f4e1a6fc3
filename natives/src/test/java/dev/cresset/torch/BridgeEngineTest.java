package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.torch.libraries.LibTorch;
import dev.cresset.torch.libraries.Linker;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BridgeEngineTest {

    /** A plan that was found with the jars' LibTorch is none for a wheel's of the same version. */
    @Test
    void facts_tellTheBuildOfLibTorchWhereverItLies() throws IOException {
        Map<String, String> facts = new BridgeProvider().open().facts();

        long size = Files.size(Linker.find(LibTorch.TORCH).orElseThrow());
        assertThat(facts).containsEntry("libtorch_cpu.so", size + " bytes").containsKey("LibTorch");
    }
}
