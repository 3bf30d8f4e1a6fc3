package dev.cresset.pt2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.pt2.ConstantValue.AsInt;
import dev.cresset.pt2.ConstantValue.AsString;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How values are put together, as Python's pytrees say it. */
class TreeSpecTest {
    private static final TreeSpec LEAF = new TreeSpec.Leaf();

    @TempDir
    Path directory;

    @Test
    void inputs_ofEveryKind() throws IOException {
        assertThat(signature(Pt2File.fixture("structures.pt2")).inSpec())
                .isEqualTo(tuple(
                        tuple(
                                dict(List.of(new AsString("x")), LEAF),
                                tuple(LEAF, LEAF),
                                new TreeSpec.Sequence("builtins.list", List.of(LEAF, LEAF)),
                                box()),
                        dict(
                                List.of(
                                        new AsString("scale"),
                                        new AsString("flag"),
                                        new AsString("mode"),
                                        new AsString("nothing")),
                                LEAF,
                                LEAF,
                                LEAF,
                                LEAF)));
    }

    @Test
    void outputs_ofEveryKind() throws IOException {
        assertThat(signature(Pt2File.fixture("structures.pt2")).outSpec())
                .isEqualTo(tuple(
                        new TreeSpec.NamedTuple("fixtures.Pair", List.of("first", "second"), List.of(LEAF, LEAF)),
                        dict(
                                List.of(new AsString("y"), new AsInt(3)),
                                LEAF,
                                new TreeSpec.Sequence("builtins.list", List.of(LEAF, tuple(LEAF)))),
                        box(),
                        new TreeSpec.Mapping("collections.OrderedDict", List.of(new AsString("n")), List.of(LEAF)),
                        LEAF));
    }

    private static TreeSpec box() {
        return new TreeSpec.DataClass("fixtures.Box", List.of("content"), List.of("label"), List.of(LEAF));
    }

    private static TreeSpec tuple(TreeSpec... children) {
        return new TreeSpec.Tuple(List.of(children));
    }

    private static TreeSpec dict(List<ConstantValue> keys, TreeSpec... children) {
        return new TreeSpec.Mapping("builtins.dict", keys, List.of(children));
    }

    @Test
    void names_ofForwardsParameters() throws IOException {
        assertThat(signature(Pt2File.fixture("structures.pt2")).forwardArgNames())
                .containsExactly("named", "pair", "several", "box", "scale", "flag", "mode", "nothing");
    }

    /** As transformers registers the classes of its outputs. */
    @Test
    void classesWithKeys_areMappings() throws IOException {
        assertThat(output("transformers.modeling_outputs.BaseModelOutput", "\"[\\\"last_hidden_state\\\"]\""))
                .isEqualTo(new TreeSpec.Mapping(
                        "transformers.modeling_outputs.BaseModelOutput",
                        List.of(new AsString("last_hidden_state")),
                        List.of(LEAF)));
    }

    @Test
    void defaultDict_hasItsKeysInAnObject() throws IOException {
        assertThat(output(
                        "collections.defaultdict",
                        "{\"default_factory_module\": \"builtins\", \"default_factory_name\": \"list\","
                                + " \"dict_context\": [\"a\"]}"))
                .isEqualTo(new TreeSpec.Mapping("collections.defaultdict", List.of(new AsString("a")), List.of(LEAF)));
    }

    @Test
    void whatIsRegisteredInAWayOfItsOwn_staysAsItIs() throws IOException {
        assertThat(output("mine.Thing", "\"{\\\"a\\\": 1}\""))
                .isEqualTo(new TreeSpec.Other("mine.Thing", "{\"a\": 1}", List.of(LEAF)));
    }

    /** Writes a program whose one output is in something, with a context given as JSON. */
    private TreeSpec output(String type, String context) throws IOException {
        String tree = "[1, {\"type\": \"" + type + "\", \"context\": " + context
                + ", \"children_spec\": [{\"type\": null, \"context\": null, \"children_spec\": []}]}]";
        String leaf = "\"out_spec\": \"[1, {\\\"type\\\": null, \\\"context\\\": null, \\\"children_spec\\\": []}]\"";
        Path path = Pt2File.like("torch-2.13.pt2")
                .replacing(leaf, "\"out_spec\": \"" + tree.replace("\\", "\\\\").replace("\"", "\\\"") + "\"")
                .in(directory);
        return signature(path).outSpec();
    }

    private static ModuleCallSignature signature(Path path) throws IOException {
        try (Pt2Archive archive = Pt2Archive.open(path)) {
            return archive.program("model")
                    .graphModule()
                    .moduleCallGraph()
                    .get(0)
                    .signature()
                    .orElseThrow();
        }
    }
}
