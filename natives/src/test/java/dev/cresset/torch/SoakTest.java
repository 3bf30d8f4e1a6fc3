package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a process holds after many models and many sizes of images, each in a JVM of its own. {@code -Dcresset.soak=50} makes it 10,000
 * models and 100,000 calls.
 */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class SoakTest {

    private static final int SCALE = Integer.getInteger("cresset.soak", 1);
    private static final int MODELS = 200;
    private static final int CALLS = 2000;

    /** Of what is measured: the first part fills caches that have bounds of their own. */
    private static final int WARM_UP_SHARE = 4;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void manyModels_openedAndClosed_leaveNothingBehind() throws Exception {
        assertThat(more(OpenAndClose.class)).isLessThan(40);
    }

    /** oneDNN keeps a thousand primitives, and so few calls do not fill that; in malloc's heaps 119 to 132 MiB came on top, for they went to pieces. */
    @Test
    void manySizesOfImages_leaveLittleBehind() throws Exception {
        assertThat(more(ChangingSizes.class)).isLessThan(SCALE == 1 ? 90 : 40);
    }

    private long more(Class<?> main) throws Exception {
        String output = MemoryTest.run(main, folder, "-Dcresset.soak=" + SCALE);
        System.out.print(output);
        return MemoryTest.more(output);
    }

    static final class OpenAndClose {
        public static void main(String[] args) throws IOException {
            long before = 0;
            int models = MODELS * SCALE;
            for (int i = 0; i < models; i++) {
                if (i == models / WARM_UP_SHARE) {
                    before = MemoryTest.anonymousMiB();
                }
                openAndCall(i);
            }
            print(models + " models", before);
        }

        private static void openAndCall(int number) throws IOException {
            Optimization way = List.of(
                            Optimization.AS_IS,
                            Optimization.FROZEN,
                            Optimization.CHANNELS_LAST,
                            Optimization.DIRECT_CHANNELS_LAST)
                    .get(number % 4);
            try (Model model = open(way);
                    Tensor image = Tensor.allocate(DataType.FLOAT32, 1, 16, 24, 24);
                    Value answer = model.forward(image)) {
                assertThat(answer.isNone()).isFalse();
            }
        }
    }

    static final class ChangingSizes {
        public static void main(String[] args) throws IOException {
            int calls = CALLS * SCALE;
            long before = 0;
            Random sizes = new Random(7);
            try (Model direct = open(Optimization.DIRECT_CHANNELS_LAST);
                    Model last = open(Optimization.CHANNELS_LAST)) {
                for (int i = 0; i < calls; i++) {
                    if (i == calls / WARM_UP_SHARE) {
                        before = MemoryTest.anonymousMiB();
                    }
                    int height = 8 + sizes.nextInt(120);
                    int width = 8 + sizes.nextInt(120);
                    try (Tensor image = Tensor.allocate(DataType.FLOAT32, 1 + i % 3, 16, height, width);
                            Value answer = (i % 2 == 0 ? direct : last).forward(image)) {
                        assertThat(answer.isNone()).isFalse();
                    }
                }
                print(calls + " calls", before);
            }
        }
    }

    private static Model open(Optimization way) throws IOException {
        return Model.open(
                Fixtures.path("convolutions/convolution.pt"),
                ModelOptions.builder().engine("torch").optimization(way).build());
    }

    private static void print(String what, long before) throws IOException {
        long after = MemoryTest.anonymousMiB();
        System.out.println(what + ": before " + before + " MiB, after " + after + " MiB, more: " + (after - before));
    }
}
