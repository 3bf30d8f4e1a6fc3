package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.InvalidInputException;
import dev.cresset.Model;
import dev.cresset.ModelExecutionException;
import dev.cresset.ModelLoadException;
import dev.cresset.ModelOptions;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program of {@code torch.export} is refused for, and what its calls are: each in a sentence that says the way out. */
class Pt2RefusalsTest {

    private static final ModelOptions TORCH =
            ModelOptions.builder().engine("torch").build();

    @TempDir
    Path folder;

    @Test
    void open_ofAComposedOperatorInAnotherPrecision_saysWhatToWrite() {
        assertThatThrownBy(() -> open("composed-autocast.default.pt2"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll(
                        "composed-autocast.default.pt2", "aten::einsum", "torch.autocast", "torch.matmul");
    }

    @Test
    void open_ofAnotherPrecisionOnAGpu_namesDecompositions() throws IOException {
        Path changed = changed("autocast.default.pt2", "\"cpu\"", "\"cuda\"");

        assertThatThrownBy(() -> Model.open(changed, TORCH))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("'cuda'", "torch.autocast", "run_decompositions()");
    }

    @Test
    void open_ofBatchedFunctions_namesDecompositions() {
        assertThatThrownBy(() -> open("mapped-over-rows.default.pt2"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("mapped-over-rows.default.pt2", "torch.vmap", "run_decompositions()");
    }

    @Test
    void open_ofAScanInBatchedFunctions_namesDecompositions() {
        assertThatThrownBy(() -> open("associative-scan.default.pt2"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("associative-scan.default.pt2", "torch.vmap", "run_decompositions()");
    }

    @Test
    void open_withThePortableEngine_namesTheOther() {
        ModelOptions portable = ModelOptions.builder().engine("torch-portable").build();

        assertThatThrownBy(() -> Model.open(Pt2Fixtures.path("mlp.default.pt2"), portable))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("torch.export", "'torch-portable' cannot run", "torch.jit.trace");
    }

    @Test
    void open_ofAnOperatorOfAnUnknownNamespace_namesIt() throws IOException {
        Path changed = changed("torch.ops.aten.relu.default", "torch.ops.mine.relu.default");

        assertThatThrownBy(() -> Model.open(changed, TORCH))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("mine::relu", "namespace is not known to be harmless", "trusted(true)");
    }

    @Test
    void open_ofAnOperatorThatReachesOutside_saysWhatItDoes() throws IOException {
        Path changed = changed("torch.ops.aten.relu.default", "torch.ops.aten.from_file.default");

        assertThatThrownBy(() -> Model.open(changed, TORCH))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("aten::from_file", "maps a file");
    }

    @Test
    void open_ofAnUnknownOperator_namesIt() throws IOException {
        Path changed = changed("torch.ops.aten.relu.default", "torch.ops.aten.nonesuch.default");

        assertThatThrownBy(() -> Model.open(changed, TORCH))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("aten::nonesuch", "which this LibTorch does not have");
    }

    @Test
    void open_ofAnUnknownHigherOrderOperator_namesIt() throws IOException {
        Path changed = changed("torch.ops.aten.relu.default", "torch.ops.higher_order.flex_attention");

        assertThatThrownBy(() -> Model.open(changed, TORCH))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("flex_attention", "run_decompositions()");
    }

    /** Of limits that only a reader of archives can raise nobody who opens a model has anything. */
    @Test
    void open_ofAProgramBeyondTheLimits_saysHowItIsOpened() throws IOException {
        Path changed = changed("\"graph_module\"", " ".repeat(33 << 20) + "\"graph_module\"");

        assertThatThrownBy(() -> Model.open(changed, TORCH))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("maxProgramBytes", "ModelOptions.builder().trusted(true)");
        try (Model model = Model.open(changed, TORCH.toBuilder().trusted(true).build())) {
            assertThat(model.signature().methods()).containsKey("forward");
        }
    }

    @Test
    void open_ofWhatAotInductorCompiled_saysToSaveTheProgram() throws IOException {
        Path compiled = folder.resolve("compiled.pt2");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(compiled))) {
            put(zip, "compiled/data/aotinductor/model/model.wrapper.so", new byte[] {1});
            put(zip, "compiled/archive_format", "pt2".getBytes(StandardCharsets.US_ASCII));
            put(zip, "compiled/archive_version", "0".getBytes(StandardCharsets.US_ASCII));
            put(zip, "compiled/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        }

        assertThatThrownBy(() -> Model.open(compiled, TORCH))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("AOTInductor", "torch.export.save");
    }

    /** Whoever trusts it cannot have it run either. */
    @Test
    void open_ofWhatAotInductorCompiled_saysForWhichCpu() {
        ModelOptions trusted =
                ModelOptions.builder().engine("torch").trusted(true).build();

        assertThatThrownBy(() -> Model.open(Pt2Fixtures.path("compiled/classifier.pt2"), trusted))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll(
                        "classifier.pt2", "(model for cpu, linux, x86_64, AVX2)", "torch.export.save(");
    }

    @Test
    void forward_withABatchThatWasExportedAsOne_namesTheWayOut() throws IOException {
        assertRefused(
                "fixed-batch.default.pt2",
                "dimension 0 of input 'x' was exported as 1, found 4; export with a dynamic size",
                Tensor.allocate(DataType.FLOAT32, 4, 16));
    }

    @Test
    void forward_withASizeBeyondTheBounds_saysTheBounds() throws IOException {
        assertRefused(
                "mlp.default.pt2",
                "dimension 0 of input 'x' was exported for 0 to 64, found 65",
                Tensor.allocate(DataType.FLOAT32, 65, 16));
    }

    @Test
    void forward_withSizesThatShouldBeTheSame_saysWhereTheOtherIs() throws IOException {
        assertRefused(
                "same-sizes.default.pt2",
                "dimension 0 of input 'y' is 3, expected 2",
                Tensor.allocate(DataType.FLOAT32, 2, 3),
                Tensor.allocate(DataType.FLOAT32, 3, 3),
                Tensor.allocate(DataType.FLOAT32, 4, 3));
        assertRefused(
                "same-sizes.default.pt2",
                "dimension 0 of input 'longer' is 5, it was exported as 2*",
                Tensor.allocate(DataType.FLOAT32, 2, 3),
                Tensor.allocate(DataType.FLOAT32, 2, 3),
                Tensor.allocate(DataType.FLOAT32, 5, 3));
    }

    @Test
    void forward_withAnotherTypeOrRank_saysWhatWasExported() throws IOException {
        assertRefused(
                "mlp.default.pt2",
                "input 'x' has shape [2, 16] (float64), it was exported with [",
                Tensor.allocate(DataType.FLOAT64, 2, 16));
        assertRefused(
                "mlp.default.pt2",
                "input 'x' has shape [2, 16, 1] (float32), it was exported with [",
                Tensor.allocate(DataType.FLOAT32, 2, 16, 1));
    }

    @Test
    void forward_withAnotherConstant_saysWhichItWas() throws IOException {
        assertRefused(
                "scalars.default.pt2",
                "input 'n' was exported as the constant int 3, found int 4",
                Tensor.allocate(DataType.FLOAT32, 2, 8),
                Value.of(4),
                Value.of(0.5),
                Value.of(true),
                Value.none(),
                Value.of("relu"));
    }

    @Test
    void forward_withoutTrailingConstants_takesThemAsExported() throws IOException {
        try (Model model = open("scalars.default.pt2");
                Tensor x = Tensor.allocate(DataType.FLOAT32, 2, 8)) {
            try (Value result = model.forward(x)) {
                assertThat(result.asList().get(1)).isEqualTo(Value.of(4));
            }
        }
    }

    @Test
    void forward_ofACheckThatFails_saysWhich() throws IOException {
        try (Model model = open("checked.default.pt2");
                Tensor x = Tensor.allocate(DataType.FLOAT32, 2, 4);
                Tensor y = Tensor.allocate(DataType.FLOAT32, 2, 4)) {
            assertThatThrownBy(() -> model.forward(x, y))
                    .isInstanceOf(ModelExecutionException.class)
                    .hasMessageContaining("the exported program's check failed");
        }
    }

    private void assertRefused(String file, String sentence, Value... arguments) throws IOException {
        try (Model model = open(file)) {
            assertThatThrownBy(() -> model.forward(arguments))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContainingAll(file, sentence);
        } finally {
            for (Value argument : arguments) {
                argument.close();
            }
        }
    }

    private static Model open(String file) throws IOException {
        return Model.open(Pt2Fixtures.path(file), TORCH);
    }

    /** The MLP with something else in its program. */
    private Path changed(String before, String after) throws IOException {
        return changed("mlp.default.pt2", before, after);
    }

    private Path changed(String program, String before, String after) throws IOException {
        Path changed = folder.resolve("changed.pt2");
        try (ZipFile zip = new ZipFile(Pt2Fixtures.path(program).toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(changed))) {
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                ZipEntry entry = entries.nextElement();
                byte[] bytes = zip.getInputStream(entry).readAllBytes();
                if (entry.getName().endsWith("models/model.json")) {
                    String text = new String(bytes, StandardCharsets.UTF_8);
                    assertThat(text).contains(before);
                    bytes = text.replace(before, after).getBytes(StandardCharsets.UTF_8);
                }
                put(out, entry.getName(), bytes);
            }
        }
        return changed;
    }

    private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        ((OutputStream) zip).write(bytes);
        zip.closeEntry();
    }
}
