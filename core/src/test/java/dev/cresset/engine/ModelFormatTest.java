package dev.cresset.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A model's format by the bytes that it begins with. */
class ModelFormatTest {

    private static final Path FIXTURES = Path.of(System.getProperty("cresset.fixtures"));

    private static ModelFormat of(byte[] file) {
        return ModelFormat.of(ByteBuffer.wrap(file, 0, Math.min(file.length, ModelFormat.HEAD)), file.length);
    }

    private static List<Path> files(String folder, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(FIXTURES.resolve(folder))) {
            return files.filter(file -> file.toString().endsWith(suffix)).toList();
        }
    }

    @Test
    void of_whatOnnxSaved_isOnnx() throws IOException {
        List<Path> files = files("onnx", ".onnx");
        assertThat(files).hasSizeGreaterThan(10);
        for (Path file : files) {
            assertThat(of(Files.readAllBytes(file))).as("%s", file).isEqualTo(ModelFormat.ONNX);
        }
    }

    @Test
    void of_anythingElse_isPyTorch() throws IOException {
        for (String folder : List.of("modules", "photos", "trust")) {
            for (Path other : files(folder, "")) {
                assertThat(of(Files.readAllBytes(other))).as("%s", other).isEqualTo(ModelFormat.PYTORCH);
            }
        }
        for (String text : List.of("", "risk", "BBBB", ":)", "r", "2 by 2", "\b", "z".repeat(10_000))) {
            assertThat(of(text.getBytes(StandardCharsets.UTF_8))).as(text).isEqualTo(ModelFormat.PYTORCH);
        }
    }

    @Test
    void of_aLargeModel_isToldByItsHead() {
        // ir_version 10, producer "pytorch", a graph of a gigabyte
        byte[] head = {8, 10, 18, 7, 'p', 'y', 't', 'o', 'r', 'c', 'h', 0x3a, 0, 0, 0, 0, 4, 10};
        for (int i = 12; i < 16; i++) {
            head[i] = (byte) 0x80;
        }
        byte[] full = Arrays.copyOf(head, ModelFormat.HEAD);
        assertThat(ModelFormat.of(ByteBuffer.wrap(full), (1L << 30) + 17)).isEqualTo(ModelFormat.ONNX);
        assertThat(ModelFormat.of(ByteBuffer.wrap(full), 1 << 20)).isEqualTo(ModelFormat.PYTORCH);
    }

    @Test
    void of_everyCutModel_neverThrows() throws IOException {
        byte[] model = Files.readAllBytes(FIXTURES.resolve("onnx/types.onnx"));
        for (int length = 0; length < model.length; length++) {
            assertThat(of(Arrays.copyOf(model, length))).isNotNull();
        }
    }
}
