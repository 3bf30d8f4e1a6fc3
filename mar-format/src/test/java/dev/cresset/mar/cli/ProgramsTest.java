package dev.cresset.mar.cli;

import static dev.cresset.mar.cli.Ran.fixture;
import static dev.cresset.mar.cli.Ran.mar;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.mar.ModelArchiveWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person sees what programs are in a {@code .pt2}, alone or in an archive. */
class ProgramsTest {
    private static final Path CLASSIFIER = fixture("pt2/format/torch-2.13.pt2");

    @TempDir
    private Path directory;

    @Test
    void inspect_pt2() {
        Ran ran = mar("inspect", CLASSIFIER);

        assertThat(ran).isEqualTo(new Ran(Mar.DONE, """
                        file         torch-2.13.pt2, 11,864 bytes
                        program      model, written by torch 2.13.0+cu130, schema 8.20
                        input        features float32 [s97, 8]
                        output       softmax float32 [s97, 3]
                        where        s97 is 1 to 16
                        parameters   4 tensors   300 bytes
                        operators    4 calls of 3; --operators lists them
                        """, ""));
    }

    @Test
    void inspect_operators() {
        assertThat(mar("inspect", "--operators", CLASSIFIER).out())
                .contains("  2 x aten.linear.default", "  1 x aten.relu.default", "  1 x aten.softmax.int");
    }

    @Test
    void inspect_operatorsOfInnerGraphs() {
        assertThat(mar("inspect", "--operators", fixture("pt2/format/control.pt2"))
                        .out())
                .contains("  1 x higher_order.cond", "  1 x aten.sin.default");
    }

    @Test
    void inspect_constantInputs() {
        assertThat(mar("inspect", fixture("pt2/format/structures.pt2")).out())
                .contains("mode always 'sum'", "nothing always None", "named_x float32 [2, 3]");
    }

    @Test
    void inspect_sizesThatAreComputed() {
        assertThat(mar("inspect", fixture("pt2/format/arguments.pt2")).out()).contains("x float32 [", "Mul(2, ");
    }

    @Test
    void inspect_buffersAndConstants() {
        assertThat(mar("inspect", fixture("pt2/format/state.pt2")).out())
                .containsPattern("parameters +4 tensors")
                .containsPattern("buffers +6 tensors")
                .containsPattern("constants +2 tensors");
    }

    @Test
    void inspect_compiled() {
        assertThat(mar("inspect", fixture("pt2/format/compiled.pt2")).out())
                .contains(
                        "compiled   model, native code of AOTInductor for what it does not say",
                        "not looked into",
                        "torch.export.save");
    }

    @Test
    void inspect_compiled_saysForWhichCpu() throws IOException {
        assertThat(mar("inspect", unpacked("pt2/compiled/classifier.pt2.gz")).out())
                .contains("compiled   model, native code of AOTInductor for cpu, linux, x86_64, AVX2");
    }

    @Test
    void verify_compiled_saysThatItsCodeIsNotLookedInto() throws IOException {
        assertThat(mar("verify", unpacked("pt2/compiled/classifier.pt2.gz")).out())
                .contains("is whole", "compiled model model: what is noted of it; its code is not looked into");
    }

    @Test
    void inspect_json() {
        assertThat(mar("inspect", "--json", CLASSIFIER).out())
                .contains("\"torchVersion\" : \"2.13.0", "\"aten.linear.default\" : 2", "\"s97\" : \"1 to 16\"");
    }

    @Test
    void inspect_archiveWithPt2() throws IOException {
        Ran ran = mar("inspect", packed());

        assertThat(ran.exit()).isEqualTo(Mar.DONE);
        assertThat(ran.out())
                .contains("serialized file   torch-2.13.pt2", "input             features float32 [s97, 8]");
    }

    @Test
    void verify_archiveWithPt2() throws IOException {
        assertThat(mar("verify", packed()).out())
                .contains("program model: its values, their order, its signature and its weights");
    }

    private Path packed() throws IOException {
        return ModelArchiveWriter.builder("m", "1", "base_handler")
                .serializedFile(CLASSIFIER)
                .build()
                .write(directory);
    }

    @Test
    void verify_pt2() {
        Ran ran = mar("verify", CLASSIFIER);

        assertThat(ran.exit()).isEqualTo(Mar.DONE);
        assertThat(ran.out())
                .contains(
                        "torch-2.13.pt2 is whole",
                        "names, sizes, headers and checksums of all entries",
                        "program model: its values, their order, its signature and its weights");
    }

    @Test
    void verify_damagedPt2() throws IOException {
        byte[] bytes = Files.readAllBytes(CLASSIFIER);
        bytes[200] ^= 1;
        Path damaged = Files.write(directory.resolve("damaged.pt2"), bytes);

        Ran ran = mar("verify", damaged);

        assertThat(ran.exit()).isEqualTo(Mar.REFUSED);
        assertThat(ran.err())
                .startsWith("damaged.pt2: entry 'torch-2.13/data/weights/weight_0' ")
                .hasLineCount(1);
    }

    @Test
    void verify_pickledPt2() {
        Ran ran = mar("verify", fixture("pt2/format/torch-2.8.pt2"));

        assertThat(ran.exit()).isEqualTo(Mar.REFUSED);
        assertThat(ran.err()).contains("export the model again, with torch 2.9 or newer");
    }

    /** A fixture that is compressed as a whole. */
    private Path unpacked(String name) throws IOException {
        Path file = directory.resolve("unpacked.pt2");
        try (InputStream in = new GZIPInputStream(Files.newInputStream(fixture(name)))) {
            Files.copy(in, file);
        }
        return file;
    }
}
