package dev.cresset.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cresset.handler.Fixtures;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Resized pixels are Pillow's, and the tensor that comes of them torchvision's, to the bit. */
public class PillowResizeTest {

    private static final JsonNode RECORDED = Fixtures.json("pillow/resize.json");

    private static RgbImage image(JsonNode one) throws ImageFormatException {
        return RgbImage.of(new ImageDecoder(ImageDecoder.PILLOW_MAX_PIXELS)
                .decode(Fixtures.bytes(one.get("source").asString())));
    }

    @TestFactory
    Stream<DynamicTest> resize_equalsPillow() {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode one : RECORDED.get("cases")) {
            int width = one.get("width").asInt();
            int height = one.get("height").asInt();
            tests.add(DynamicTest.dynamicTest(
                    "%s to %d x %d".formatted(one.get("source").asString(), width, height),
                    () -> assertThat(
                                    Fixtures.sha256(RgbImage.resized(image(one), ResampleFilter.BILINEAR, width, height)
                                            .rgb()))
                            .isEqualTo(one.get("sha256").asString())));
        }
        assertThat(tests).hasSizeGreaterThanOrEqualTo(40);
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> resize_withEachFilter_equalsPillow() {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode one : RECORDED.get("filters")) {
            ResampleFilter filter =
                    ResampleFilter.valueOf(one.get("filter").asString().toUpperCase(Locale.ROOT));
            int width = one.get("width").asInt();
            int height = one.get("height").asInt();
            tests.add(DynamicTest.dynamicTest(
                    "%s: %s to %d x %d".formatted(filter, one.get("source").asString(), width, height),
                    () -> assertThat(Fixtures.sha256(RgbImage.resized(image(one), filter, width, height)
                                    .rgb()))
                            .isEqualTo(one.get("sha256").asString())));
        }
        assertThat(tests).hasSizeGreaterThanOrEqualTo(6 * 10);
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> transform_equalsTorchvision() {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode one : RECORDED.get("torchvision")) {
            tests.add(DynamicTest.dynamicTest(one.get("source").asString(), () -> checkTransform(one)));
        }
        assertThat(tests).hasSizeGreaterThan(20);
        return tests.stream();
    }

    private static void checkTransform(JsonNode one) throws ImageFormatException {
        RgbImage image = image(one);
        ImageTransform transform = Transforms.imagenet();
        PillowResize.Window window = transform.window(image);
        int width = Math.toIntExact(window.width());
        int height = Math.toIntExact(window.height());
        assertThat(List.of(width, height))
                .containsExactly(
                        one.get("resized").get(0).asInt(),
                        one.get("resized").get(1).asInt());
        assertThat(Fixtures.sha256(RgbImage.resized(image, ResampleFilter.BILINEAR, width, height)
                        .rgb()))
                .isEqualTo(one.get("resized_sha256").asString());
        assertThat(Fixtures.sha256(pixels(image, 256, 224)))
                .isEqualTo(one.get("cropped_sha256").asString());
        ByteBuffer tensor = ByteBuffer.allocate(3 * 224 * 224 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        transform.write(image, tensor.asFloatBuffer());
        assertThat(Fixtures.sha256(tensor.array()))
                .isEqualTo(one.get("tensor_sha256").asString());
    }

    /** The bytes after resizing and cropping, of which nothing but a division is left to do. */
    private static byte[] pixels(RgbImage image, int shorterSide, int crop) {
        FloatBuffer planes = FloatBuffer.allocate(3 * crop * crop);
        new ImageTransform(shorterSide, crop, new float[3], new float[] {1, 1, 1}, ResampleFilter.BILINEAR)
                .write(image, planes);
        byte[] rgb = new byte[3 * crop * crop];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.round(255 * planes.get(i % 3 * crop * crop + i / 3));
        }
        return rgb;
    }

    @TestFactory
    Stream<DynamicTest> crop_equalsTorchvision_alsoOfSmallerImages() {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode one : RECORDED.get("center_crops")) {
            int size = one.get("size").asInt();
            tests.add(DynamicTest.dynamicTest(one.get("source").asString() + " to " + size, () -> {
                RgbImage image = image(one);
                // Resizing the shorter side to what it is leaves the image alone.
                int same = Math.min(image.width(), image.height());
                assertThat(Fixtures.sha256(pixels(image, same, size)))
                        .isEqualTo(one.get("sha256").asString());
            }));
        }
        assertThat(tests).hasSizeGreaterThan(10);
        return tests.stream();
    }

    @Test
    void resize_window_equalsTheSamePartOfTheWhole() {
        long seed = 20261123;
        Random random = new Random(seed);
        List<ResampleFilter> filters = List.of(ResampleFilter.values());
        for (int round = 0; round < 400; round++) {
            RgbImage image = noise(random, 1 + random.nextInt(60), 1 + random.nextInt(60));
            int width = 1 + random.nextInt(90);
            int height = 1 + random.nextInt(90);
            int cropWidth = 1 + random.nextInt(width);
            int cropHeight = 1 + random.nextInt(height);
            int left = random.nextInt(width - cropWidth + 1);
            int top = random.nextInt(height - cropHeight + 1);
            ResampleFilter filter = filters.get(random.nextInt(filters.size()));
            byte[] whole = RgbImage.resized(image, filter, width, height).rgb();

            RgbImage window = RgbImage.resized(
                    image, filter, new PillowResize.Window(width, height, left, top, cropWidth, cropHeight));

            byte[] expected = new byte[cropWidth * cropHeight * 3];
            for (int y = 0; y < cropHeight; y++) {
                System.arraycopy(whole, ((top + y) * width + left) * 3, expected, y * cropWidth * 3, cropWidth * 3);
            }
            assertThat(window.rgb()).as("seed %d, round %d", seed, round).isEqualTo(expected);
        }
    }

    @Test
    void transform_ofALineLongerThanAnArrayOnceResized() {
        RgbImage line = new RgbImage(1, 9_000_000, new byte[27_000_000]);

        FloatBuffer middle = FloatBuffer.allocate(3 * 224 * 224);
        Transforms.imagenet().write(line, middle);

        assertThat(middle.get(0)).isEqualTo(-0.485f / 0.229f);
        assertThat(middle.get(3 * 224 * 224 - 1)).isEqualTo(-0.406f / 0.225f);
    }

    @Test
    void transform_withSettingsThatMakeNoSense() {
        float[] three = {1, 1, 1};
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ImageTransform(0, 224, three, three, ResampleFilter.BILINEAR));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ImageTransform(256, 0, three, three, ResampleFilter.BILINEAR));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ImageTransform(256, 224, three, new float[3], ResampleFilter.BILINEAR));
    }

    private static RgbImage noise(Random random, int width, int height) {
        byte[] rgb = new byte[width * height * 3];
        random.nextBytes(rgb);
        return new RgbImage(width, height, rgb);
    }
}
