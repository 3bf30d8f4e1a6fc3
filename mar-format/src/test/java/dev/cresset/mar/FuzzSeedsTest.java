package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The fuzz targets on their seeds, and on those with some bytes changed; {@code fuzz.sh} goes on from there. */
class FuzzSeedsTest {
    private static final int CHANGED = 20;

    @FunctionalInterface
    private interface Target {
        void run(byte[] input) throws IOException;
    }

    @Test
    void archives() throws IOException {
        run(FuzzSeeds.archives(), FuzzArchive::fuzzerTestOneInput);
    }

    @Test
    void manifests() throws IOException {
        run(FuzzSeeds.manifests(), FuzzManifest::fuzzerTestOneInput);
    }

    @Test
    void configs() throws IOException {
        run(FuzzSeeds.configs(), FuzzConfig::fuzzerTestOneInput);
    }

    /** A right archive must get through the parts that put it right, or the fuzzer would see refusals only. */
    @Test
    void archives_mostAreRead() throws IOException {
        assertThat(FuzzedZip.of(FuzzedZip.input(/* deflated= */ true, new byte[] {'x'}, new byte[] {1})))
                .isEqualTo(HostileZip.withManifest()
                        .deflated("x", new byte[] {1}, part -> {})
                        .bytes());
        byte[] tar = HostileTar.withManifest().file("m/x", "right").tar();
        assertThat(FuzzedTar.withChecksums(tar)).isEqualTo(tar);
    }

    private static void run(List<byte[]> seeds, Target target) throws IOException {
        long seed = new Random().nextLong();
        System.out.println("FuzzSeedsTest seed " + seed);
        Random random = new Random(seed);
        for (byte[] input : seeds) {
            target.run(input);
            for (int i = 0; i < CHANGED && input.length > 0; i++) {
                byte[] changed = input.clone();
                for (int j = random.nextInt(3); j >= 0; j--) {
                    changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
                }
                target.run(changed);
            }
        }
    }
}
