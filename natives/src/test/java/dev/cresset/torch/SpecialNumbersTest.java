package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The ways that Cresset chooses by itself answer what the module itself answers, whatever numbers are in its input: none, infinite,
 * zeros of both signs, far too small or large, or one that sticks out of the others.
 */
class SpecialNumbersTest {

    /** What rounding may differ by, of the largest number that a pixel's sums are. */
    private static final double FLOAT = 2e-5;

    private static final double BFLOAT16 = 0.03;

    /** Of sums that are large, and whose roundings show. */
    private static final double SIGMOID = 1e-4;

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> everyWay() {
        return Stream.of(
                        Optimization.FROZEN,
                        Optimization.CHANNELS_LAST,
                        Optimization.DIRECT,
                        Optimization.DIRECT_CHANNELS_LAST)
                .flatMap(way -> cases(way, 1));
    }

    @TestFactory
    Stream<DynamicTest> severalThreads() {
        return cases(Optimization.DIRECT_CHANNELS_LAST, 2);
    }

    /** The vectors of a CPU without AVX-512, and no kernels at all. */
    @Test
    void otherInstructions() throws IOException, InterruptedException {
        for (String capability : new String[] {"avx2", "default"}) {
            ChildJvm child = ChildJvm.run(Map.of("ATEN_CPU_CAPABILITY", capability), All.class, entry -> true, folder);
            assertThat(child.output()).as(capability).endsWith("all the same\n");
            assertThat(child.exitCode()).isZero();
        }
    }

    /** All that convolutions of ours compute, in a process of its own. */
    static final class All {

        private All() {}

        /** Ends with words that say so if all are the same. */
        public static void main(String[] args) throws Throwable {
            for (DynamicTest test : cases(Optimization.DIRECT_CHANNELS_LAST, 1).toList()) {
                test.getExecutable().execute();
            }
            System.out.println("all the same");
        }
    }

    private record Layers(String module, String method, boolean deep, List<Long> shape) {

        Layers(String module, String method, boolean deep, long... shape) {
            this(module, method, deep, LongStream.of(shape).boxed().toList());
        }

        long[] sizes() {
            return shape.stream().mapToLong(Long::longValue).toArray();
        }

        /** Sums that overflow in one order and not in another, or that are differences of far larger ones, tell nothing. */
        boolean takes(Marked image) {
            return !(deep && image.rough);
        }

        /** Below it, what is left of large sums tells nothing: a sigmoid's tail. */
        double leastSize() {
            return method.equals("activations") || method.equals("squeezed") ? 1 : 1e-37;
        }

        double tolerance() {
            return module.startsWith("bfloat16") ? BFLOAT16 : method.equals("squeezed") ? SIGMOID : FLOAT;
        }
    }

    // The image's size decides how wide tiles are, or that there are none.
    private static final List<Layers> ALL = List.of(
            new Layers("convolution", "plain", false, 2, 16, 14, 13),
            new Layers("convolution", "plain", false, 1, 16, 5, 6),
            new Layers("convolution", "plain", false, 1, 16, 1, 1),
            new Layers("convolution", "forward", true, 2, 16, 14, 13),
            new Layers("convolution", "in_place", true, 2, 16, 5, 6),
            new Layers("convolution", "activations", true, 2, 16, 4, 5),
            new Layers("convolution", "activations", true, 2, 16, 14, 13),
            new Layers("convolution", "geometries", false, 2, 16, 14, 13),
            new Layers("convolution", "pointwise", true, 2, 16, 3, 5),
            new Layers("convolution", "each_channel", true, 2, 16, 7, 11),
            new Layers("convolution", "squeezed", true, 2, 16, 6, 5),
            new Layers("convolution", "of_pictures", true, 2, 3, 7, 9),
            new Layers("steps", "geometries", false, 2, 16, 4, 5),
            new Layers("steps", "geometries", false, 2, 16, 15, 16),
            new Layers("beginnings", "stems", false, 2, 3, 21, 27),
            new Layers("beginnings", "other_padding", false, 2, 3, 19, 12),
            new Layers("beginnings", "pools", false, 2, 16, 7, 9),
            new Layers("bfloat16", "plain", false, 2, 16, 14, 13),
            new Layers("bfloat16", "pooled", false, 2, 16, 7, 9));

    /** An image with numbers in it that are not like others. */
    private static final class Marked {

        final String name;
        final float[] numbers;
        final boolean rough;

        Marked(String name, float[] numbers, boolean rough) {
            this.name = name;
            this.numbers = numbers;
            this.rough = rough;
        }
    }

    private static Stream<DynamicTest> cases(Optimization way, int threads) {
        return ALL.stream()
                .map(layers -> DynamicTest.dynamicTest(
                        "%s of %s in %s, threads: %d".formatted(layers.method, layers.module, way, threads),
                        () -> compare(layers, way, threads)));
    }

    private static void compare(Layers layers, Optimization way, int threads) throws IOException {
        Path path = TorchContractTest.fixture("convolutions/" + layers.module + ".pt");
        try (Model module = Model.open(path, options(Optimization.AS_IS, 1));
                Model model = Model.open(path, options(way, threads))) {
            for (Marked image : images(layers.sizes())) {
                if (!layers.takes(image)) {
                    continue;
                }
                try (Tensor x = Tensor.of(image.numbers, layers.sizes());
                        Value expected = module.invoke(layers.method, x);
                        Value actual = model.invoke(layers.method, x)) {
                    List<Tensor> wanted = tensors(expected), found = tensors(actual);
                    assertThat(found).hasSameSizeAs(wanted);
                    for (int i = 0; i < wanted.size(); i++) {
                        assertThat(difference(found.get(i), wanted.get(i), layers))
                                .as("%s, answer %d", image.name, i)
                                .isEmpty();
                    }
                }
            }
        }
    }

    private static ModelOptions options(Optimization way, int threads) {
        return ModelOptions.builder()
                .engine("torch")
                .optimization(way)
                .intraOpThreads(threads)
                .build();
    }

    private static List<Tensor> tensors(Value value) {
        return value instanceof Tensor tensor
                ? List.of(tensor)
                : value.asList().stream().map(Value::asTensor).toList();
    }

    /** The first number that is another, or nothing. What is small is compared with what else is in its pixel. */
    private static String difference(Tensor actual, Tensor expected, Layers layers) {
        assertThat(actual.shape()).containsExactly(expected.shape());
        float[] found = actual.toFloatArray(), wanted = expected.toFloatArray();
        long[] shape = expected.shape();
        int channels = (int) shape[1], pixels = wanted.length / (int) (shape[0] * channels);
        for (int i = 0; i < wanted.length; i++) {
            int image = i / (channels * pixels), pixel = i % pixels;
            double size = layers.leastSize();
            for (int c = 0; c < channels; c++) {
                float other = Math.abs(wanted[(image * channels + c) * pixels + pixel]);
                size = Float.isFinite(other) ? Math.max(size, other) : size;
            }
            boolean same = Float.isFinite(wanted[i])
                    ? Math.abs(found[i] - (double) wanted[i]) <= layers.tolerance() * size
                    : Float.compare(found[i], wanted[i]) == 0;
            if (!same) {
                return "image %d, channel %d, pixel %d: %s, expected %s beside %s"
                        .formatted(image, i / pixels % channels, pixel, found[i], wanted[i], size);
            }
        }
        return "";
    }

    private static List<Marked> images(long... shape) {
        int images = (int) shape[0], channels = (int) shape[1], height = (int) shape[2], width = (int) shape[3];
        int all = images * channels * height * width, middle = (height / 2) * width + width / 2;
        float[] plain = new float[all];
        Random random = new Random(5);
        for (int i = 0; i < all; i++) {
            plain[i] = (float) random.nextGaussian();
        }
        List<Marked> marked = new ArrayList<>();
        // The first image decides how the others are computed.
        marked.add(new Marked("ordinary", plain, false));
        float[] special = {
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            30,
            300,
            3000,
            -9999,
            1e6f,
            1e10f,
            -1e20f,
            -3.4e38f
        };
        for (float number : special) {
            boolean rough = Math.abs(number) > 1e30f && Float.isFinite(number);
            String name = Float.toString(number);
            marked.add(new Marked(name + " in the middle", with(plain, number, middle), rough));
            marked.add(new Marked(name + " in the corners", with(plain, number, 0, all - 1), rough));
            marked.add(new Marked(name + " among zeros", with(new float[all], number, middle), rough));
            float[] signs = with(plain, number, middle, height * width - 1);
            signs[2 * height * width - 1] = -number;
            marked.add(new Marked(name + " several times", signs, rough));
        }
        for (float factor : new float[] {-0f, 1e-42f, 1e-30f, 1e-20f, 1e5f, 0x1p50f, 0x1p100f}) {
            marked.add(new Marked("times " + factor, scaled(plain, factor, 0, all), factor > 1e4f));
        }
        float[] hole = plain.clone();
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < Math.min(3, height); y++) {
                for (int x = 0; x < Math.min(3, width); x++) {
                    hole[(c * height + y) * width + x] *= 1e-4f;
                }
            }
        }
        marked.add(new Marked("a dark corner", hole, false));
        marked.add(new Marked("a bright half", scaled(plain, 1e5f, all / images / 2, all / images), true));
        marked.add(new Marked("the last image large", scaled(plain, 1e20f, all - all / images, all), true));
        marked.add(new Marked("ordinary again", plain, false));
        return marked;
    }

    private static float[] with(float[] image, float number, int... places) {
        float[] copy = image.clone();
        for (int place : places) {
            copy[place] = number;
        }
        return copy;
    }

    private static float[] scaled(float[] image, float factor, int from, int to) {
        float[] copy = image.clone();
        for (int i = from; i < to; i++) {
            copy[i] *= factor;
        }
        return copy;
    }
}
