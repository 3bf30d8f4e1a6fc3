package dev.cresset.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Bytes are those of sentence-transformers' {@code quantize_embeddings}. */
class VectorQuantizerTest {

    private static final JsonNode RECORDED = Recorded.json("sentences/sentences.json");
    private static final List<float[]> VECTORS = vectors();

    private static List<float[]> vectors() {
        List<float[]> vectors = new ArrayList<>();
        RECORDED.get("poolings").get("mean").forEach(vector -> vectors.add(Recorded.floats(vector)));
        return vectors;
    }

    private static void check(VectorQuantizer quantizer) {
        JsonNode recorded = RECORDED.get("quantized").get(quantizer.toString());
        for (int i = 0; i < VECTORS.size(); i++) {
            byte[] expected = new byte[recorded.get(i).size()];
            for (int j = 0; j < expected.length; j++) {
                expected[j] = (byte) recorded.get(i).get(j).asInt();
            }
            assertThat(quantizer.quantize(VECTORS.get(i))).as("vector %d", i).isEqualTo(expected);
        }
    }

    @Test
    void int8_asSentenceTransformersDoes() {
        check(VectorQuantizer.int8(VECTORS));
    }

    @Test
    void uint8_asSentenceTransformersDoes() {
        check(VectorQuantizer.uint8(VECTORS));
    }

    @Test
    void binary_asSentenceTransformersDoes() {
        check(VectorQuantizer.binary());
    }

    @Test
    void ubinary_asSentenceTransformersDoes() {
        check(VectorQuantizer.ubinary());
    }

    @Test
    void int8_outsideOfItsRange_isTheNearest() {
        VectorQuantizer quantizer = VectorQuantizer.int8(new float[] {-1, -1, 0}, new float[] {1, 1, 0});
        assertThat(quantizer.quantize(new float[] {-5, 5, 7})).containsExactly(-128, 127, -121);
    }

    @Test
    void quantize_otherLength_isRefused() {
        assertThatThrownBy(() -> VectorQuantizer.int8(VECTORS).quantize(new float[31]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a vector has 31 numbers, expected 32");
        assertThat(VectorQuantizer.ubinary().quantize(new float[] {1, 0, 0, 0, 0, 0, 0, 1, 1}))
                .containsExactly(0x81, 0x80);
        assertThatThrownBy(() -> VectorQuantizer.int8(List.of()))
                .hasMessage("the sample is empty, expected some vectors of the model");
        assertThatThrownBy(() -> VectorQuantizer.int8(new float[] {1}, new float[] {0}))
                .hasMessage("at place 0 numbers are from 1.0 to 0.0, which is no range");
    }
}
