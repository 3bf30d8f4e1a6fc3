package dev.cresset.pt2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused, by which rule and in which words. */
class Pt2RefusalsTest {
    private static final String WEIGHTS = "data/weights/model_weights_config.json";
    private static final String CONSTANTS = "data/constants/model_constants_config.json";
    private static final String PROGRAM = "models/model.json";

    @TempDir
    Path directory;

    @Test
    void torchScript() throws IOException {
        refused(Pt2File.fixture("../../modules/busy.pt"), Rule.NOT_AN_ARCHIVE)
                .hasMessage("busy.pt: is a TorchScript file, one of torch.jit.save, expected one of torch.export.save");
    }

    @Test
    void stateDict() throws IOException {
        refused(Pt2File.fixture("state-dict.pth"), Rule.NOT_AN_ARCHIVE)
                .hasMessage("state-dict.pth: is a pickled file, one of torch.save, expected one of torch.export.save");
    }

    @Test
    void somethingElse() throws IOException {
        refused(Files.writeString(directory.resolve("m.pt2"), "not a zip"), Rule.NOT_AN_ARCHIVE)
                .hasMessage(
                        "m.pt2: starts with 6e 6f 74 20, expected 50 4b 03 04, a zip that torch.export.save wrote; was"
                                + " it copied whole, as a binary file?");
    }

    @Test
    void cutInHalf() throws IOException {
        byte[] whole = Files.readAllBytes(Pt2File.fixture("state.pt2"));
        refused(Files.write(directory.resolve("m.pt2"), Arrays.copyOf(whole, whole.length / 2)), Rule.DAMAGED)
                .hasMessageContaining("is probably cut short");
    }

    @Test
    void torch27_pickled() throws IOException {
        refused(Pt2File.fixture("torch-2.7.pt2"), Rule.PROGRAM_VERSION)
                .hasMessage("torch-2.7.pt2: holds a program of torch 2.7 or older, with pickled weights, and nothing is"
                        + " unpickled here; export the model again, with torch 2.9 or newer");
        assertThat(Pt2Archive.isPt2(Pt2File.fixture("torch-2.7.pt2"))).isTrue();
    }

    @Test
    void torch28_pickledWeights() throws IOException {
        refused(Pt2File.fixture("torch-2.8.pt2"), Rule.PROGRAM_VERSION)
                .hasMessage("torch-2.8.pt2: entry 'torch-2.8/models/model.json' has pickled weights, as torch 2.8 wrote"
                        + " them, and nothing is unpickled here; export the model again, with torch 2.9 or newer");
        assertThat(Pt2Archive.isPt2(Pt2File.fixture("torch-2.8.pt2"))).isTrue();
    }

    @Test
    void tensorSubclass() throws IOException {
        refused(Pt2File.fixture("subclass.pt2"), Rule.PROGRAM_UNSUPPORTED)
                .hasMessageContaining("has 'weight', a tensor of a class of its own (a subclass of torch.Tensor), as a"
                        + " pickle, and nothing is unpickled here; export a model whose weights are plain tensors");
    }

    @Test
    void torchbindObject() throws IOException {
        refused(
                        Pt2File.like("torch-2.13.pt2")
                                .with(
                                        CONSTANTS,
                                        "{\"config\": {\"packed\": {\"path_name\": \"custom_obj_0\", \"is_param\": false,"
                                                + " \"use_pickle\": true, \"tensor_meta\": null}}}"),
                        Rule.PROGRAM_UNSUPPORTED)
                .hasMessageContaining("has 'packed', an object of a C++ class (torchbind), as a pickle");
    }

    @Test
    void anotherMajorVersion() throws IOException {
        refused(
                        replacing("\"schema_version\": {\"major\": 8", "\"schema_version\": {\"major\": 9"),
                        Rule.PROGRAM_VERSION)
                .hasMessageContaining("is written by version 9.20 of export's schema (torch '2.13.0")
                .hasMessageEndingWith("expected 8; use a newer version of this library");
    }

    @Test
    void anOlderMajorVersion_evenIfNothingElseIsAsExpected() throws IOException {
        refused(
                        Pt2File.like("torch-2.13.pt2")
                                .with(PROGRAM, "{\"graph\": [], \"schema_version\": {\"major\": 7, \"minor\": 3}}"),
                        Rule.PROGRAM_VERSION)
                .hasMessageEndingWith("expected 8; export the model again, with torch 2.9 or newer");
    }

    @Test
    void unknownKindOfArgument() throws IOException {
        refused(replacing("{\"as_int\": -1}", "{\"as_quaternion\": -1}"), Rule.PROGRAM_UNSUPPORTED)
                .hasMessageContaining(
                        "has 'as_quaternion' at 'graph_module.graph.nodes[3].inputs[1].arg.as_quaternion', a"
                                + " kind that this version does not know; use a newer version of this library");
    }

    /** It may only add to what is there, or the major version would be another. */
    @Test
    void unknownField_isPassedOver() throws IOException {
        Path path = replacing("{\"as_int\": -1}", "{\"as_int\": -1}, \"colour\": {\"red\": [1, {}]}")
                .in(directory);
        try (Pt2Archive archive = Pt2Archive.open(path)) {
            assertThat(archive.program("model").graphModule().graph().nodes()).hasSize(4);
        }
    }

    @Test
    void fieldTwice() throws IOException {
        refused(replacing("\"verifiers\":", "\"verifiers\": [], \"verifiers\":"), Rule.PROGRAM_SYNTAX)
                .hasMessageContaining("is not valid JSON at line 1, column")
                .hasMessageContaining("Duplicate Object property");
    }

    @Test
    void fieldOfAnotherType() throws IOException {
        refused(replacing("\"target\": \"torch.ops.aten.relu.default\"", "\"target\": 5"), Rule.PROGRAM_SYNTAX)
                .hasMessageContaining("has an integer at 'graph_module.graph.nodes[1].target', expected a text");
    }

    @Test
    void fieldMissing() throws IOException {
        refused(replacing("\"target\": \"torch.ops.aten.relu.default\", ", ""), Rule.PROGRAM_SYNTAX)
                .hasMessageContaining("has no 'target' at 'graph_module.graph.nodes[1]'");
    }

    @Test
    void unknownScalarType() throws IOException {
        refused(replacing("\"features\": {\"dtype\": 7", "\"features\": {\"dtype\": 77"), Rule.PROGRAM_UNSUPPORTED)
                .hasMessageContaining("has ScalarType 77 at 'graph_module.graph.tensor_values.features.dtype'");
    }

    @Test
    void integerOfMoreThan64Bits() throws IOException {
        refused(replacing("{\"as_int\": -1}", "{\"as_int\": 18446744073709551615}"), Rule.PROGRAM_UNSUPPORTED)
                .hasMessageContaining("has an integer of more than 64 bits at 'graph_module.graph.nodes[3]");
    }

    @Test
    void nestedTooDeep() throws IOException {
        refused(
                        replacing(
                                "\"verifiers\":",
                                "\"deep\": " + "[".repeat(300) + "]".repeat(300) + ", \"verifiers\":"),
                        Rule.PROGRAM_SYNTAX)
                .hasMessageContaining("nesting depth (257) exceeds");
    }

    @Test
    void valueThatIsNotDefined() throws IOException {
        refused(
                        replacing(
                                "{\"as_tensor\": {\"name\": \"relu\"}}, \"kind\"",
                                "{\"as_tensor\": {\"name\": \"rely\"}}, \"kind\""),
                        Rule.PROGRAM_REFERENCE)
                .hasMessageContaining(
                        "has a graph whose value 'rely' is used by node 2 ('torch.ops.aten.linear.default')"
                                + " and not defined before");
    }

    @Test
    void valueThatIsDefinedTwice() throws IOException {
        refused(
                        replacing(
                                "\"outputs\": [{\"as_tensor\": {\"name\": \"relu\"}}]",
                                "\"outputs\": [{\"as_tensor\": {\"name\":" + " \"linear\"}}]"),
                        Rule.PROGRAM_REFERENCE)
                .hasMessageContaining("has a graph whose value 'linear' is defined twice, the second time in node 1");
    }

    /** Inner graphs are checked like the outer one. */
    @Test
    void valueOfAnInnerGraphThatIsNotDefined() throws IOException {
        Pt2File file = Pt2File.like("control.pt2");
        String inner = "\"inputs\": [{\"name\": \"self\", \"arg\": {\"as_tensor\": {\"name\": \"linear\"}}";
        refused(file.replacing(inner, inner.replace("linear", "sum_1")), Rule.PROGRAM_REFERENCE)
                .hasMessageContaining("value 'sum_1' is used by node 1 ('torch.ops.aten.relu.default')");
    }

    @Test
    void treeWhoseTypeIsAList() throws IOException {
        String type = "{\\\"type\\\": \\\"builtins.tuple\\\"";
        refused(
                        Pt2File.like("torch-2.13.pt2").replacing(type, type.replace("\\\"builtins.tuple\\\"", "[1]")),
                        Rule.PROGRAM_SYNTAX)
                .hasMessageContaining("has a type that is no text");
    }

    @Test
    void weightThatIsNotInTheList() throws IOException {
        refused(Pt2File.like("torch-2.13.pt2").replacing(WEIGHTS, "hidden.bias", "hidden.bia"), Rule.PROGRAM_REFERENCE)
                .hasMessageContaining("needs a tensor 'hidden.bias', which is not in the archive");
    }

    @Test
    void weightWhoseFileIsMissing() throws IOException {
        refused(Pt2File.like("torch-2.13.pt2").without("data/weights/weight_1"), Rule.PROGRAM_REFERENCE)
                .hasMessageContaining(
                        "tells of a tensor 'hidden.bias' that is in 'torch-2.13/data/weights/weight_1', which"
                                + " is not in the archive");
    }

    @Test
    void weightShorterThanItsSizes() throws IOException {
        refused(Pt2File.like("torch-2.13.pt2").with("data/weights/weight_1", new byte[23]), Rule.PROGRAM_REFERENCE)
                .hasMessageContaining(
                        "tells of a tensor 'hidden.bias' that needs 24 bytes by its sizes, and its storage has"
                                + " 23");
    }

    @Test
    void weightWhoseSizesOverflow() throws IOException {
        refused(
                        Pt2File.like("torch-2.13.pt2")
                                .replacing(WEIGHTS, "\"as_int\": 6", "\"as_int\": 4611686018427387905"),
                        Rule.PROGRAM_REFERENCE)
                .hasMessageContaining("that needs more bytes than there can be");
    }

    @Test
    void weightWithANegativeOffset() throws IOException {
        refused(
                        Pt2File.like("torch-2.13.pt2")
                                .replacing(
                                        WEIGHTS,
                                        "\"storage_offset\": {\"as_int\": 0}",
                                        "\"storage_offset\": {\"as_int\": -4}"),
                        Rule.PROGRAM_REFERENCE)
                .hasMessageContaining("has sizes, strides or an offset that are not numbers from 0 on");
    }

    @Test
    void weightOutsideOfItsFolder() throws IOException {
        refused(
                        Pt2File.like("torch-2.13.pt2").replacing(WEIGHTS, "\"weight_1\"", "\"../../byteorder\""),
                        Rule.PROGRAM_REFERENCE)
                .hasMessageContaining("is in '../../byteorder', which is no plain file name");
    }

    @Test
    void weightsThatAreCompressed() throws IOException {
        refused(Pt2File.like("torch-2.13.pt2").deflated(), Rule.UNSUPPORTED_ENTRY)
                .hasMessageContaining("is compressed, expected a tensor's bytes as they are; save it again with"
                        + " torch.export.save");
    }

    @Test
    void leavesThatAreNoInputs() throws IOException {
        refused(
                        replacing(
                                "\\\"context\\\": \\\"[]\\\", \\\"children_spec\\\": []",
                                "\\\"context\\\": \\\"[\\\\\\\"k\\\\\\\"]\\\", \\\"children_spec\\\": [{\\\"type\\\": null}]"),
                        Rule.PROGRAM_REFERENCE)
                .hasMessageContaining("has a signature of 1 inputs of callers, put together of 2");
    }

    @Test
    void treeThatIsNoTree() throws IOException {
        refused(replacing("\"out_spec\": \"[1, ", "\"out_spec\": \"[2, "), Rule.PROGRAM_SYNTAX)
                .hasMessageContaining("has a description of its inputs or outputs at"
                        + " 'graph_module.module_call_graph[0].signature.out_spec' that is of another version than 1");
    }

    @Test
    void otherByteOrder() throws IOException {
        refused(Pt2File.like("torch-2.13.pt2").with("byteorder", "big"), Rule.PROGRAM_UNSUPPORTED)
                .hasMessageContaining("entry 'torch-2.13/byteorder' says 'big', expected 'little'");
    }

    @Test
    void otherArchiveVersion() throws IOException {
        refused(Pt2File.like("torch-2.13.pt2").with("archive_version", "1"), Rule.PROGRAM_VERSION)
                .hasMessageContaining("says '1', expected '0'; use a newer version of this library");
    }

    @Test
    void programOverTheLimit() throws IOException {
        ArchiveLimits limits = ArchiveLimits.builder().maxProgramBytes(1000).build();
        try (Pt2Archive archive = Pt2Archive.open(Pt2File.fixture("torch-2.13.pt2"), limits)) {
            assertThat(catchThrowableOfType(ArchiveException.class, () -> archive.program("model")))
                    .hasMessageEndingWith("more than 1,000; raise ArchiveLimits.maxProgramBytes if you trust this file")
                    .extracting(ArchiveException::rule)
                    .isEqualTo(Rule.LIMIT);
        }
    }

    @Test
    void programThatIsNotThere() throws IOException {
        try (Pt2Archive archive = Pt2Archive.open(Pt2File.fixture("several.pt2"))) {
            assertThat(catchThrowableOfType(ArchiveException.class, () -> archive.program("model")))
                    .hasMessageEndingWith("is not in the archive; its programs are: 'encode', 'decode'")
                    .extracting(ArchiveException::rule)
                    .isEqualTo(Rule.NO_SUCH_ENTRY);
        }
    }

    @Test
    void entryOutsideOfTheFolder() throws IOException {
        refused(Pt2File.like("torch-2.13.pt2").outside("other/models/model.json", "{}"), Rule.ENTRY_NAME)
                .hasMessageContaining("entry 'other/models/model.json' lies outside of 'torch-2.13/'");
    }

    private static Pt2File replacing(String piece, String by) throws IOException {
        return Pt2File.like("torch-2.13.pt2").replacing(piece, by);
    }

    private AbstractThrowableAssert<?, ArchiveException> refused(Pt2File file, Rule rule) throws IOException {
        return refused(file.in(directory), rule);
    }

    private static AbstractThrowableAssert<?, ArchiveException> refused(Path path, Rule rule) {
        ArchiveException refusal = catchThrowableOfType(ArchiveException.class, () -> {
            try (Pt2Archive archive = Pt2Archive.open(path)) {
                archive.verify();
            }
        });
        assertThat(refusal).as("expected a refusal by %s", rule).isNotNull();
        assertThat(refusal.rule()).as(refusal.getMessage()).isEqualTo(rule);
        return assertThat(refusal)
                .hasMessageStartingWith(path.getFileName() + ": ")
                .hasMessageNotContaining("\n");
    }
}
