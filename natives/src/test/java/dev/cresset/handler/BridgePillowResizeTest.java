package dev.cresset.handler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cresset.engine.RowResampler;
import dev.cresset.internal.image.JavaRowResampler;
import dev.cresset.internal.image.PillowResizeTest;
import dev.cresset.internal.image.RowResamplers;
import dev.cresset.torch.BridgeProvider;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The same pixels as Pillow's when the bridge resamples the rows; and as Java's, whatever the weights. */
class BridgePillowResizeTest extends PillowResizeTest {

    @BeforeAll
    static void openEngine() {
        RowResamplers.offer(new BridgeProvider().open());
        assertThat(RowResamplers.open(JavaRowResampler::new)).isNotInstanceOf(JavaRowResampler.class);
    }

    @Test
    void resample_equalsJava() {
        long seed = 20261128;
        Random random = new Random(seed);
        RowResampler java = new JavaRowResampler();
        RowResampler bridge = RowResamplers.open(JavaRowResampler::new);
        for (int round = 0; round < 500; round++) {
            int positions = setBoth(random, java, bridge);
            byte[] row = new byte[3 * 60];
            random.nextBytes(row);
            int[] expected = new int[3 * positions + 2];
            int[] found = expected.clone();
            for (int again = 0; again < 2; again++) {
                java.resample(row, row.length, expected, 1);
                bridge.resample(row, row.length, found, 1);
                assertThat(found).as("seed %d, round %d", seed, round).isEqualTo(expected);
            }
        }
    }

    /** It would be native memory of somebody else's that is read. */
    @Test
    void resample_beyondTheRow_isRefused() {
        RowResampler bridge = RowResamplers.open(JavaRowResampler::new);
        bridge.set(1, 0, new int[] {8}, new int[] {2}, 2, new int[2]);
        assertThatIllegalArgumentException().isThrownBy(() -> bridge.resample(new byte[29], 29, new int[3], 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bridge.set(1, 9, new int[] {8}, new int[] {2}, 2, new int[2]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bridge.set(1, 0, new int[] {8}, new int[] {3}, 2, new int[2]));
        int[] black = {-1, -1, -1};
        bridge.set(1, 0, new int[] {8}, new int[] {2}, 2, new int[2]);
        bridge.resample(new byte[30], 30, black, 0);
        assertThat(black).containsOnly(0);
    }

    /** Any neighbourhoods of a row of 60 pixels; negative weights and such that add up to more than one, too. */
    private static int setBoth(Random random, RowResampler java, RowResampler bridge) {
        int from = random.nextInt(5);
        int positions = 1 + random.nextInt(40);
        int longest = 1 + random.nextInt(15);
        int[] firsts = new int[positions + 1];
        int[] counts = new int[positions + 1];
        int[] weights = new int[positions * longest + 1];
        for (int x = 0; x < positions; x++) {
            counts[x] = 1 + random.nextInt(longest);
            firsts[x] = from + random.nextInt(61 - counts[x]);
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.nextInt(3 << RowResampler.PRECISION_BITS) / longest
                    - (1 << RowResampler.PRECISION_BITS) / longest;
        }
        java.set(positions, from, firsts, counts, longest, weights);
        bridge.set(positions, from, firsts, counts, longest, weights);
        return positions;
    }
}
