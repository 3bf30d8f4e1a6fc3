package dev.cresset.pt2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.mar.ArchiveException;
import dev.cresset.pt2.Argument.AsTensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What PyTorch wrote is read as PyTorch meant it. */
class Pt2ArchiveTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arguments",
                "control",
                "decomposed",
                "several",
                "state",
                "state-decomposed",
                "structures",
                "torch-2.9",
                "torch-2.12",
                "torch-2.13"
            })
    void verify_ofWhatTorchWrote(String name) throws IOException {
        try (Pt2Archive archive = open(name)) {
            archive.verify();
        }
    }

    @Test
    void program_ofAForwardWithoutParameters_hasNoNamesForThem() throws IOException {
        Pt2File file = Pt2File.like("state.pt2");
        String names = Pattern.compile("\"forward_arg_names\": ?\\[[^]]*]")
                .matcher(file.text("models/model.json"))
                .results()
                .map(MatchResult::group)
                .findFirst()
                .orElseThrow();

        try (Pt2Archive archive = Pt2Archive.open(
                file.replacing(names, "\"forward_arg_names\":null").in(directory))) {
            ExportedProgram program = archive.program("model");

            assertThat(program.graphModule()
                            .moduleCallGraph()
                            .get(0)
                            .signature()
                            .orElseThrow()
                            .forwardArgNames())
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"torch-2.9", "torch-2.12", "torch-2.13"})
    void program_isTheSameOfThreeVersions(String name) throws IOException {
        ExportedProgram program = program(name);

        assertThat(program.torchVersion()).startsWith(name.substring("torch-".length()));
        assertThat(program.schemaVersion().major()).isEqualTo(8);
        assertThat(program.opsetVersion()).containsEntry("aten", 10L);
        assertThat(program.verifiers()).containsExactly("TRAINING");
        assertThat(program.graphModule().graph().nodes())
                .extracting(Node::target)
                .containsExactly(
                        "torch.ops.aten.linear.default",
                        "torch.ops.aten.relu.default",
                        "torch.ops.aten.linear.default",
                        "torch.ops.aten.softmax.int");
    }

    @Test
    void program_hasSizesAndTheirRanges() throws IOException {
        ExportedProgram program = program("torch-2.13");

        TensorMeta features = Objects.requireNonNull(
                program.graphModule().graph().tensorValues().get("features"));
        assertThat(features.dtype()).isEqualTo(ScalarType.FLOAT);
        SymInt.AsExpr batch = (SymInt.AsExpr) features.sizes().get(0);
        assertThat(batch.hint()).contains(new SymExpr.Hint.AsInt(2));
        assertThat(features.sizes().get(1)).isEqualTo(new SymInt.AsInt(8));
        assertThat(program.rangeConstraints()).containsValue(new RangeConstraint(Optional.of(1L), Optional.of(16L)));
    }

    @Test
    void program_hasNodesWithArgumentsByName() throws IOException {
        Node linear = program("torch-2.13").graphModule().graph().nodes().get(0);

        assertThat(linear.inputs())
                .containsExactly(
                        tensor("input", "features"),
                        tensor("weight", "p_hidden_weight"),
                        tensor("bias", "p_hidden_bias"));
        assertThat(linear.outputs()).containsExactly(new AsTensor("linear"));
        assertThat(linear.name()).contains("linear");
    }

    private static NamedArgument tensor(String name, String value) {
        return new NamedArgument(name, new AsTensor(value), Optional.of(NamedArgument.Kind.POSITIONAL));
    }

    @Test
    void program_hasNoNodeNamesBefore211() throws IOException {
        assertThat(program("torch-2.9").graphModule().graph().nodes())
                .allSatisfy(node -> assertThat(node.name()).isEmpty());
    }

    @Test
    void program_hasNumbersThatAreNone() throws IOException {
        List<Double> numbers = program("arguments").graphModule().graph().nodes().stream()
                .filter(node -> node.target().equals("torch.ops.aten.full.default"))
                .map(node -> ((Argument.AsFloat) node.inputs().get(1).arg()).value())
                .toList();

        assertThat(numbers).containsExactly(Double.NEGATIVE_INFINITY, Double.NaN);
    }

    @Test
    void program_hasArgumentsOfManyKinds() throws IOException {
        assertThat(program("arguments").graphModule().graph().nodes())
                .flatExtracting(Node::inputs)
                .extracting(input -> input.arg().getClass().getSimpleName())
                .contains(
                        "AsTensor",
                        "AsTensors",
                        "AsInt",
                        "AsFloat",
                        "AsFloats",
                        "AsString",
                        "AsBool",
                        "AsSymInts",
                        "AsScalarType",
                        "AsMemoryFormat",
                        "AsOptionalTensors");
    }

    @Test
    void program_hasGraphsInItsGraph() throws IOException {
        Node cond = program("control").graphModule().graph().nodes().stream()
                .filter(node -> node.target().equals("torch.ops.higher_order.cond"))
                .findFirst()
                .orElseThrow();

        Graph then = ((Argument.AsGraph) cond.inputs().get(1).arg()).graph();
        assertThat(then.nodes())
                .extracting(Node::target)
                .containsExactly("torch.ops.aten.linear.default", "torch.ops.aten.relu.default");
    }

    @Test
    void program_tellsWhatItsInputsAre() throws IOException {
        List<InputSpec> specs = program("state").graphModule().signature().inputSpecs();

        assertThat(specs)
                .contains(
                        new InputSpec.Parameter(new AsTensor("p_one_weight"), "one.weight"),
                        new InputSpec.Buffer(new AsTensor("b_scratch"), "scratch", /* persistent= */ false),
                        new InputSpec.TensorConstant(new AsTensor("c_constant"), "constant"),
                        new InputSpec.UserInput(new AsTensor("x")));
    }

    @Test
    void program_tellsWhichBuffersChange() throws IOException {
        assertThat(program("state-decomposed").graphModule().signature().outputSpecs())
                .contains(new OutputSpec.BufferMutation(new AsTensor("add"), "count"));
    }

    @Test
    void program_tellsWhichInputsAreConstant() throws IOException {
        assertThat(program("structures").graphModule().signature().inputSpecs())
                .contains(
                        new InputSpec.ConstantInput("scale", new ConstantValue.AsFloat(3)),
                        new InputSpec.ConstantInput("flag", new ConstantValue.AsBool(true)),
                        new InputSpec.ConstantInput("mode", new ConstantValue.AsString("sum")),
                        new InputSpec.ConstantInput("nothing", new ConstantValue.AsNone()));
    }

    @Test
    void program_ofSeveral() throws IOException {
        try (Pt2Archive archive = open("several")) {
            assertThat(archive.programs()).containsExactly("encode", "decode");
            assertThat(archive.program("decode").graphModule().graph().nodes()).hasSize(1);
            assertThat(archive.weights("decode")).containsOnlyKeys("weight", "bias");
        }
    }

    @Test
    void weights_lieInTheFile() throws IOException {
        try (Pt2Archive archive = open("state");
                RandomAccessFile file = new RandomAccessFile(archive.path().toFile(), "r")) {
            Payload whole = weight(archive, "whole");

            byte[] bytes = new byte[(int) whole.length()];
            file.seek(whole.position());
            file.readFully(bytes);

            assertThat(whole.position() % 64).isZero();
            assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat(11 * Float.BYTES))
                    .isEqualTo(11);
        }
    }

    @Test
    void weights_thatAreTiedShareAStorage() throws IOException {
        try (Pt2Archive archive = open("state")) {
            assertThat(weight(archive, "two.weight").entry())
                    .isEqualTo(weight(archive, "one.weight").entry());
            assertThat(weight(archive, "part").entry())
                    .isEqualTo(weight(archive, "whole").entry());
            assertThat(weight(archive, "part").tensorMeta().storageOffset()).isEqualTo(new SymInt.AsInt(4));
        }
    }

    @Test
    void constants_areBuffersThatAreNotPersistent_andTensorsInTheCode() throws IOException {
        try (Pt2Archive archive = open("state")) {
            assertThat(archive.constants("model")).containsOnlyKeys("scratch", "constant");
        }
    }

    @Test
    void read_givesAStorage() throws IOException {
        try (Pt2Archive archive = open("state")) {
            Payload narrow = weight(archive, "narrow");
            ByteBuffer memory = ByteBuffer.allocateDirect(8).order(ByteOrder.LITTLE_ENDIAN);

            archive.read(narrow, memory);

            assertThat(memory.hasRemaining()).isFalse();
            assertThat(memory.getShort(0)).isEqualTo((short) 0x3f80); // 1 as a bfloat16
        }
    }

    @Test
    void read_intoTooLittle() throws IOException {
        try (Pt2Archive archive = open("state")) {
            Payload whole = weight(archive, "whole");

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> archive.read(whole, ByteBuffer.allocate(47)))
                    .withMessage("the buffer has room for 47 bytes, expected 48 for 'whole'");
        }
    }

    @Test
    void program_afterClose() throws IOException {
        Pt2Archive archive = open("state");
        archive.close();
        archive.close();

        assertThatIllegalStateException().isThrownBy(() -> archive.program("model"));
        assertThatIllegalStateException().isThrownBy(archive::verify);
    }

    @Test
    void open_whatSomebodyPackedAgain() throws IOException {
        Path path = Pt2File.like("torch-2.13.pt2").in(directory);

        try (Pt2Archive archive = Pt2Archive.open(path)) {
            archive.verify();
        }
        assertThat(Pt2Archive.isPt2(path)).isTrue();
    }

    @Test
    void compiledModels_ofAotInductor() throws IOException {
        try (Pt2Archive archive = open("compiled")) {
            assertThat(archive.compiledModels()).containsExactly("model");
            assertThat(archive.programs()).isEmpty();
        }
    }

    @Test
    void compiledModel_saysWhatItIsFor() throws IOException {
        try (Pt2Archive archive =
                Pt2Archive.open(Pt2File.packed("../compiled/counter.pt2.gz").in(directory))) {
            archive.verify();
            CompiledModel model = archive.compiledModel("model");

            assertThat(model.device()).contains("cpu");
            assertThat(model.platform()).contains("linux");
            assertThat(model.machine()).contains("x86_64");
            assertThat(model.instructions()).contains("AVX2");
            assertThat(model.target()).isEqualTo("cpu, linux, x86_64, AVX2");
            assertThat(model.library()).isPresent();
            assertThat(model.files()).hasSize(3).containsEntry(model.library().orElseThrow(), 297_144L);
        }
    }

    @Test
    void compiledModel_withoutNotes_saysNothing() throws IOException {
        try (Pt2Archive archive = open("compiled")) {
            CompiledModel model = archive.compiledModel("model");

            assertThat(model.metadata()).isEmpty();
            assertThat(model.instructions()).isEmpty();
            assertThat(model.library()).contains("model.so");
        }
    }

    @Test
    void compiledModel_ofSeveralLibraries_takesNoneForTheCode() throws IOException {
        Path path = Pt2File.like("compiled.pt2")
                .with("data/aotinductor/model/other.so", "code")
                .in(directory);

        try (Pt2Archive archive = Pt2Archive.open(path)) {
            assertThat(archive.compiledModel("model").library()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[] | is no list of names and values",
                "{\"AOTI_CPU_ISA\": 2} | has a value that is no text",
                "{\"AOTI_CPU_ISA\" | is not valid JSON"
            })
    void verify_ofACompiledModelWithDamagedNotes_saysWhatIsWrong(String notes, String reason) throws IOException {
        Path path = Pt2File.like("compiled.pt2")
                .with("data/aotinductor/model/model_metadata.json", notes)
                .in(directory);

        try (Pt2Archive archive = Pt2Archive.open(path)) {
            assertThatThrownBy(archive::verify)
                    .isInstanceOf(ArchiveException.class)
                    .hasMessageContainingAll("m.pt2", "model_metadata.json", reason);
        }
    }

    @Test
    void compiledModel_ofNoSuchName_saysWhichThereAre() throws IOException {
        try (Pt2Archive archive = open("compiled")) {
            assertThatThrownBy(() -> archive.compiledModel("other"))
                    .isInstanceOf(ArchiveException.class)
                    .hasMessageContainingAll("other", "its compiled models are", "model");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"torch-2.9.pt2", "several.pt2", "compiled.pt2", "subclass.pt2", "structures.pt2"})
    void isPt2_ofWhatExportWrote(String name) throws IOException {
        assertThat(Pt2Archive.isPt2(Pt2File.fixture(name))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pt2/format/state-dict.pth", "modules/busy.pt", "risk/risk.mar", "make.py"})
    void isPt2_ofOtherFiles(String name) throws IOException {
        assertThat(Pt2Archive.isPt2(Pt2File.fixture("../../" + name))).isFalse();
    }

    /** TorchScript writes them first, and archives hold folders of any name. */
    @ParameterizedTest
    @ValueSource(strings = {"m/extra/labels.txt", "m/models/model.json", "m/data/weights/weight_0"})
    void isPt2_ofAZipThatStartsLikeOne(String first) throws IOException {
        Path file = directory.resolve("m.pt");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (String name : List.of(first, "m/data.pkl", "m/constants.pkl", "m/code/module.py")) {
                zip.putNextEntry(new ZipEntry(name));
            }
        }

        assertThat(Pt2Archive.isPt2(file)).isFalse();
    }

    /** So that whoever copied half of a file is told just that. */
    @Test
    void isPt2_whenTheEndIsMissing() throws IOException {
        byte[] whole = Files.readAllBytes(Pt2File.fixture("state.pt2"));
        Path half = Files.write(directory.resolve("half.pt2"), Arrays.copyOf(whole, whole.length / 2));

        assertThat(Pt2Archive.isPt2(half)).isTrue();
    }

    private static Payload weight(Pt2Archive archive, String name) throws IOException {
        return Objects.requireNonNull(archive.weights("model").get(name), name);
    }

    private static ExportedProgram program(String name) throws IOException {
        try (Pt2Archive archive = open(name)) {
            return archive.program("model");
        }
    }

    private static Pt2Archive open(String name) throws IOException {
        return Pt2Archive.open(Pt2File.fixture(name + ".pt2"));
    }
}
