package dev.cresset.pt2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The fuzz target on its seeds; {@code fuzz.sh} goes on from there. */
class FuzzSeedsTest {
    @Test
    void programs() throws IOException {
        List<byte[]> seeds = FuzzSeeds.programs();

        for (byte[] seed : seeds) {
            FuzzProgram.fuzzerTestOneInput(seed);
        }

        assertThat(seeds).allSatisfy(seed -> assertThat(seed).hasSizeLessThan(1 << 15));
    }
}
