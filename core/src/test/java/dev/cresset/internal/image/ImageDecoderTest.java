package dev.cresset.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.handler.Fixtures;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Decoded pixels are Pillow's, for every kind of JPEG and PNG; what is no image is refused. */
public class ImageDecoderTest {

    private static final ImageDecoder DECODER = new ImageDecoder(ImageDecoder.PILLOW_MAX_PIXELS);

    @TestFactory
    Stream<DynamicTest> decode_equalsPillow() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String folder : List.of("photos/", "decoder/")) {
            for (Map.Entry<String, JsonNode> file :
                    Fixtures.json(folder + "expected.json").get("files").properties()) {
                String name = folder + file.getKey();
                tests.add(DynamicTest.dynamicTest(name, () -> check(name, file.getValue())));
            }
        }
        assertThat(tests).hasSizeGreaterThan(130);
        return tests.stream();
    }

    private static void check(String name, JsonNode expected) throws ImageFormatException {
        byte[] bytes = Fixtures.bytes(name);
        if (expected.has("error")) {
            assertThatThrownBy(() -> DECODER.decode(bytes)).isInstanceOf(ImageFormatException.class);
            return;
        }
        RgbImage image = RgbImage.of(DECODER.decode(bytes));
        assertThat(image.width()).isEqualTo(expected.get("size").get(0).asInt());
        assertThat(image.height()).isEqualTo(expected.get("size").get(1).asInt());
        assertThat(Fixtures.sha256(image.rgb()))
                .isEqualTo(expected.get("rgb_sha256").asString());
    }

    @Test
    void decode_whatIsNoImage_saysWhatItIs() {
        assertThatThrownBy(() -> DECODER.decode(new byte[0]))
                .isInstanceOf(ImageFormatException.class)
                .hasMessage("not a JPEG or PNG image: it is empty");
        assertThatThrownBy(() -> DECODER.decode("hello world".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(ImageFormatException.class)
                .hasMessage("not a JPEG or PNG image: it starts with 'hello wo' (11 bytes)");
        assertThatThrownBy(() -> DECODER.decode("GIF89a...".getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("it is a GIF");
    }

    @Test
    void decode_moreThanTheLimit_isRefusedBeforeMemoryIsTaken() {
        assertThatThrownBy(() -> DECODER.decode(Fixtures.bytes("photos/claims-to-be-huge.png")))
                .isInstanceOf(ImageFormatException.class)
                .hasMessage("the image has 60000 x 60000 pixels, more than the limit of 178956970");
        assertThatThrownBy(() -> new ImageDecoder(100).decode(Fixtures.bytes("photos/baseline-420.jpg")))
                .hasMessageContaining("more than the limit of 100");
    }

    @Test
    void decode_aJpegThatClaimsToBeHuge_isRefusedBeforeMemoryIsTaken() {
        for (String name : List.of("baseline-420.jpg", "progressive-444.jpg")) {
            byte[] bomb = Fixtures.bytes("photos/" + name);
            int frame = 0;
            while ((bomb[frame] & 0xff) != 0xff || (bomb[frame + 1] & 0xfd) != 0xc0) {
                frame++;
            }
            Arrays.fill(bomb, frame + 5, frame + 9, (byte) 0xee);
            assertThatThrownBy(() -> DECODER.decode(bomb))
                    .as(name)
                    .isInstanceOf(ImageFormatException.class)
                    .hasMessage("the image has 61166 x 61166 pixels, more than the limit of 178956970");
        }
    }

    @Test
    void decode_truncated_isRefused() {
        for (String name : List.of("baseline-420.jpg", "progressive-420.jpg", "grey.jpg", "palette.png", "grey.png")) {
            byte[] whole = Fixtures.bytes("photos/" + name);
            for (int percent : new int[] {1, 10, 30, 50, 70, 90}) {
                byte[] cut = Arrays.copyOf(whole, whole.length * percent / 100);
                assertThatThrownBy(() -> DECODER.decode(cut))
                        .as("%s cut after %d%%", name, percent)
                        .isInstanceOf(ImageFormatException.class);
            }
        }
    }

    @Test
    void decode_damaged_isDecodedOrRefused_andNothingElse() {
        long seed = 20261123;
        Random random = new Random(seed);
        for (String name :
                List.of("baseline-420.jpg", "progressive-444.jpg", "cmyk.jpg", "palette.png", "rgb-48-bit.png")) {
            byte[] whole = Fixtures.bytes("photos/" + name);
            for (int round = 0; round < 60; round++) {
                byte[] damaged = whole.clone();
                for (int i = 0; i < 8; i++) {
                    damaged[random.nextInt(Math.min(damaged.length, round % 2 == 0 ? 600 : damaged.length))] =
                            (byte) random.nextInt(256);
                }
                try {
                    new ImageDecoder(4_000_000).decode(damaged);
                } catch (ImageFormatException e) {
                    assertThat(e).as("seed %d", seed).hasMessageContaining("image");
                }
            }
        }
    }
}
