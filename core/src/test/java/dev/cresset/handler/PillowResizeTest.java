package dev.cresset.handler;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Resized pixels are Pillow's, and the tensor that comes of them torchvision's, to the bit. */
class PillowResizeTest {

    private static final JsonNode RECORDED = Fixtures.json("pillow/resize.json");

    private static RgbImage image(JsonNode one) throws ImageFormatException {
        return new ImageDecoder(ImageDecoder.PILLOW_MAX_PIXELS)
                .decode(Fixtures.bytes(one.get("source").asString()));
    }

    @TestFactory
    Stream<DynamicTest> resize_equalsPillow() {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode one : RECORDED.get("cases")) {
            int width = one.get("width").asInt();
            int height = one.get("height").asInt();
            tests.add(DynamicTest.dynamicTest(
                    "%s to %d x %d".formatted(one.get("source").asString(), width, height),
                    () -> assertThat(Fixtures.sha256(PillowResize.resize(image(one), width, height)
                                    .rgb()))
                            .isEqualTo(one.get("sha256").asString())));
        }
        assertThat(tests).hasSizeGreaterThanOrEqualTo(40);
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
        ImageTransform transform = ImageTransform.IMAGENET;
        int width = transform.resized(image.width(), image.height());
        int height = transform.resized(image.height(), image.width());
        assertThat(List.of(width, height))
                .containsExactly(
                        one.get("resized").get(0).asInt(),
                        one.get("resized").get(1).asInt());
        assertThat(Fixtures.sha256(PillowResize.resize(image, width, height).rgb()))
                .isEqualTo(one.get("resized_sha256").asString());
        assertThat(Fixtures.sha256(transform.resizeAndCrop(image).rgb()))
                .isEqualTo(one.get("cropped_sha256").asString());
        ByteBuffer tensor = ByteBuffer.allocate(3 * 224 * 224 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        transform.write(image, tensor.asFloatBuffer());
        assertThat(Fixtures.sha256(tensor.array()))
                .isEqualTo(one.get("tensor_sha256").asString());
    }
}
