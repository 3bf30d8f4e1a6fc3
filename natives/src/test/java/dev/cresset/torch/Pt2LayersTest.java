package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.pt2.Pt2Archive;
import dev.cresset.torch.exported.LoweredPrograms;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Layers that {@code run_decompositions()} takes apart are put together again: the decomposed form of a program calls at least as many of
 * each as the form that export gives, and so runs in the same fast ways. Its answers are right without, so that no other test would tell.
 */
class Pt2LayersTest {

    private static final String PREFIX = "aten::";

    /** Those that there is a fast way for. */
    private static final Set<String> LAYERS = Set.of(
            "linear",
            "conv1d",
            "conv2d",
            "conv3d",
            "conv_transpose1d",
            "conv_transpose2d",
            "batch_norm",
            "layer_norm",
            "group_norm",
            "scaled_dot_product_attention",
            "gelu",
            "silu",
            "hardswish",
            "hardsigmoid",
            "hardtanh",
            "softmax",
            "max_pool2d",
            "adaptive_avg_pool2d");

    /**
     * Whose default form is refused, and those of which a layer stays apart: it learns, it is in half precision, or its graph may write to
     * what others read.
     */
    private static final Set<String> UNCOMPARED = Set.of(
            "composed-autocast",
            "mapped-over-rows",
            "associative-scan",
            "running-statistics",
            "half-attention",
            "hinted");

    @TestFactory
    Stream<DynamicTest> core_ofAProgram_hasTheLayersOfItsDefault() {
        return Pt2ProgramsTest.programs(Fixtures.path("pt2"), Path::of, Pt2LayersTest::check);
    }

    private static void check(JsonNode program, Path file) throws IOException {
        String name = program.get("name").asString();
        if (!file.toString().equals(name + ".core.pt2") || UNCOMPARED.contains(name)) {
            return;
        }
        Map<String, Integer> again = layers(file.toString());
        for (Map.Entry<String, Integer> layer : layers(name + ".default.pt2").entrySet()) {
            assertThat(again.getOrDefault(layer.getKey(), 0))
                    .as(layer.getKey())
                    .isGreaterThanOrEqualTo(layer.getValue());
        }
    }

    /** Else nothing would be asked above. */
    @ParameterizedTest
    @ValueSource(strings = {"mlp", "cnn", "transformer", "mobile", "activations", "attention"})
    void default_ofANetwork_hasLayers(String name) throws IOException {
        assertThat(layers(name + ".default.pt2")).isNotEmpty();
    }

    private static Map<String, Integer> layers(String program) throws IOException {
        try (Pt2Archive archive = Pt2Archive.open(Pt2Fixtures.path(program))) {
            Map<String, Integer> layers = new TreeMap<>();
            ByteBuffer words = LoweredPrograms.of(archive, Map.of("model", archive.program("model")))
                    .words()
                    .order(ByteOrder.nativeOrder());
            for (int at = 0; at + Long.BYTES <= words.limit(); at += Long.BYTES) {
                String operator = text(words, at);
                if (operator.startsWith(PREFIX) && LAYERS.contains(operator.substring(PREFIX.length()))) {
                    layers.merge(operator, 1, Integer::sum);
                }
            }
            return layers;
        }
    }

    /** The text whose length is at that place, if one is: its bytes follow. */
    private static String text(ByteBuffer words, int at) {
        long bytes = words.getLong(at);
        if (bytes < PREFIX.length() || bytes > 80 || bytes > words.limit() - at - Long.BYTES) {
            return "";
        }
        byte[] text = new byte[(int) bytes];
        words.get(at + Long.BYTES, text);
        return new String(text, StandardCharsets.UTF_8);
    }
}
