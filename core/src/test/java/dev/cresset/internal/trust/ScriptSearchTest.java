package dev.cresset.internal.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is found in TorchScript's source, however it is written. */
public class ScriptSearchTest {

    private static String search(String source) {
        return ScriptSearch.firstRefusal("__torch__", source).orElse("nothing");
    }

    private static String inForward(String statement) {
        return search(String.format("""
                class M(Module):
                  __parameters__ = []
                  training : bool
                  def forward(self: __torch__.M, x: Tensor) -> Tensor:
                    %s
                    return x
                """, statement));
    }

    @Test
    void search_namesTheMethodTheOperatorAndWhy() {
        assertThat(inForward("y = torch.from_file(\"/etc/passwd\", True, 10)"))
                .isEqualTo(
                        "method forward of __torch__.M calls aten::from_file, which maps a file into memory, and can make"
                                + " and change it");
    }

    @Test
    void search_namesAFunction() {
        assertThat(search("def helper(x: Tensor) -> Tensor:\n  torch.save(x, \"f\")\n  return x\n"))
                .isEqualTo("function __torch__.helper calls aten::save, which writes files");
    }

    @Test
    void search_afterAClass_namesTheFunction() {
        assertThat(search("class M:\n  def f(self):\n    pass\ndef g(x):\n  torch.save(x, \"f\")\n"))
                .startsWith("function __torch__.g calls");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "torch.save(x, \"f\")",
                "torch . save(x, \"f\")",
                "torch.\\\n  save(x, \"f\")",
                "(torch\n  # x'\n  .save)(x, \"f\")",
                "torch.autograd.save(x, \"f\")",
                "ops.aten.save(x, \"f\")",
                "ops.mkldnn.autograd.save(x, \"f\")",
                "f = torch.save",
                "y = 1.\n    torch.save(x, \"f\")",
                "y = 0x1.\n    torch.save(x, \"f\")",
                "y = .5\n    torch.save(x, \"f\")",
                "...\n    torch.save(x, \"f\")",
                "y = 1.if(torch.save(x, \"f\"))else 0",
                "\"it's\"\n    torch.save(x, 'f')",
                "'''it's\n'''\n    torch.save(x, \"f\")",
                "x # type: torch.save(x, \"f\")",
                "a = \"no end\n    torch.save(x, \"f\")",
                "\u00e9torch.save(x, \"f\")",
                "torch.\u00a0save(x, \"f\")"
            })
    void search_findsAnOperator_howeverItIsWritten(String statement) {
        assertThat(inForward(statement))
                .isEqualTo("method forward of __torch__.M calls aten::save, which writes files");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "o = ops",
                "o = ops.aten",
                "getattr(ops, \"aten\")",
                "getattr(ops.mine, \"work\")",
                "(ops).aten.save(x, \"f\")",
                "c = __torch__",
                "c = __torch__.torch",
                "c = __torch__.torch.classes",
                "getattr(__torch__.torch, \"classes\")",
                "t = torch",
                "t = torch.autograd",
                "t = torch\n    ...",
                "t = torch\n    .5",
                "(torch).save(x, \"f\")",
                "getattr(torch, \"save\")(x, \"f\")",
                "getattr(torch.autograd, 'sa' \"ve\")(x, \"f\")"
            })
    void search_refusesWhatHidesAName(String statement) {
        assertThat(inForward(statement)).contains("in a way that cannot be looked through");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a = \"torch.save(x)\"",
                "# torch.save(x)",
                "save = x",
                "a = x.save(\"f\")",
                "a = self.save",
                "(self.torch).save(x)",
                "torch = x",
                "torch : Tensor = x",
                "f(torch=x)",
                "x.save_all",
                "__torch__.tools.save.Tool(x)",
                "ops.prim.RaiseException(\"save\")",
                "ops.torchvision.nms(x, x, 0.5)",
                "getattr(self, \"0\").forward(x, )",
                "getattr(self, \"save\")",
                "(self.ops).forward(x)",
                "print(torch.add(x, x))"
            })
    void search_ofWhatOnlyLooksLikeIt_isNothing(String statement) {
        assertThat(inForward(statement)).isEqualTo("nothing");
    }

    @Test
    void search_ofUnknownNamespaces_namesTheOperator() {
        assertThat(inForward("ops.mine.work(x)"))
                .isEqualTo(
                        "method forward of __torch__.M calls mine::work, whose namespace is not known to be harmless");
        assertThat(inForward("ops.image.write_file(\"f\", x)"))
                .endsWith("image::write_file, which reads and writes files");
    }

    @Test
    void search_ofUnknownNativeClasses_namesTheClass() {
        assertThat(inForward("c = __torch__.torch.classes.mine.Door(\"f\")"))
                .isEqualTo("method forward of __torch__.M uses __torch__.torch.classes.mine.Door,"
                        + " which is not known to be harmless");
        assertThat(inForward("c = __torch__.torch.classes.quantized.Conv2dPackedParamsBase"))
                .isEqualTo("nothing");
    }

    /** Code that runs while it is loaded: LibTorch makes defaults when it compiles. */
    @Test
    void search_looksAtDefaults() {
        assertThat(
                        search(
                                "class M(Module):\n  def forward(self, x: Tensor=torch.from_file(\"f\")) -> Tensor:\n    return x\n"))
                .startsWith("method forward of __torch__.M calls aten::from_file");
        assertThat(search("class T(NamedTuple):\n  x : Tensor = torch.from_file(\"f\")\n"))
                .startsWith("__torch__.T calls aten::from_file");
    }

    /** Whoever wrote it wants the search to fail, or to take for ever. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "def ",
                "'''\\",
                "\"\\",
                "'''",
                "\"\n",
                "#\n",
                "class a:\n",
                "torch.autograd.",
                "ops.a.",
                "__torch__.a."
            })
    void search_ofEndlessSource_ends(String part) {
        assertTimeout(Duration.ofSeconds(20), () -> search(part.repeat(500_000)));
    }

    @Test
    void search_ofEndlessPaths_findsWhereTheyLead() {
        int many = 1_000_000;
        assertThat(search("torch" + ".autograd".repeat(many) + ".save(x)")).contains("calls aten::save");
        assertThat(search("__torch__.torch.classes.mine" + ".a".repeat(many))).contains("not known to be harmless");
    }

    @Test
    void search_ofMoreWordsThanAreKept_refuses() {
        assertThat(search("a ".repeat(ScriptTokens.MOST + 1)))
                .isEqualTo("__torch__ has more words than the 4194304 that are looked through");
    }

    /** Found by trying what LibTorch compiles: {@code fixtures/python/hidden_saves.py}. */
    @Test
    void search_findsEachCallThatLibTorchMakesOfASource() {
        JsonNode hidden = JsonMapper.shared()
                .readTree(Path.of(System.getProperty("cresset.fixtures"), "trust", "hidden.json")
                        .toFile());
        String head = hidden.get("head").asString();
        assertThat(hidden.get("bodies").valueStream().map(JsonNode::asString))
                .hasSize(400)
                .allMatch(body -> !search(bytes(head + body)).equals("nothing"));
    }

    private static String bytes(String source) {
        return new String(source.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
