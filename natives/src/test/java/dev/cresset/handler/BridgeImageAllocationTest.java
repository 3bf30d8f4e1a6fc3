package dev.cresset.handler;

import dev.cresset.internal.image.ImageAllocationTest;
import dev.cresset.internal.image.RowResamplers;
import dev.cresset.torch.BridgeProvider;
import org.junit.jupiter.api.BeforeAll;

/** No more is allocated when the bridge resamples the rows. */
class BridgeImageAllocationTest extends ImageAllocationTest {

    @BeforeAll
    static void openEngine() {
        RowResamplers.offer(new BridgeProvider().open());
    }
}
