package dev.cresset.internal.trust;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.ModelLoadException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Saved modules with something in them that reaches outside the computation, wherever in the zip it hides. */
public class UntrustedModelTest {

    private static final String SAVES = "def f(x):\n  torch.save(x, \"f\")\n";
    private static final String HARMLESS = "def f(x):\n  return x\n";

    /** A zip of entries, each a name and its content. */
    private static byte[] zip(String comment, String... entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setComment(comment);
            for (int i = 0; i < entries.length; i += 2) {
                zip.putNextEntry(new ZipEntry(entries[i]));
                zip.write(entries[i + 1].getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        return bytes.toByteArray();
    }

    private static void check(byte[] zip) {
        TorchZip.check("m.pt", ByteBuffer.wrap(zip), new UntrustedModel("m.pt"));
    }

    private static void assertRefused(byte[] zip, String why) {
        assertThatThrownBy(() -> check(zip))
                .isInstanceOf(ModelLoadException.class)
                .hasMessage("cannot load m.pt: " + why
                        + "; ModelOptions.builder().trusted(true) opens a model that comes from where you trust");
    }

    @Test
    void read_ofCode_namesTheFunctionByItsFile() throws IOException {
        assertRefused(
                zip("", "m/code/__torch__/a/b.py", HARMLESS, "m/code/__torch__/a/c.py", SAVES),
                "function __torch__.a.c.f calls aten::save, which writes files");
    }

    /** LibTorch takes no notice of case when it looks for an entry. */
    @ParameterizedTest
    @ValueSource(strings = {"m/code/__torch__.PY", "m/CODE/__torch__.py", "elsewhere.Py"})
    void read_ofCodeByAnotherName_findsTheOperator(String name) {
        assertThatThrownBy(() -> check(zip("", "m/code/__torch__.py", HARMLESS, name, SAVES)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining(".f calls aten::save, which writes files");
    }

    /** Of two entries with one name LibTorch takes whichever it finds. */
    @Test
    void read_ofTwoFilesWithOneName_looksAtBoth() throws IOException {
        byte[] zip = zip("", "m/code/__torch__.py", SAVES, "m/code/__torch_2.py", HARMLESS);
        byte[] text = new String(zip, StandardCharsets.ISO_8859_1)
                .replace("__torch_2", "__torch__")
                .getBytes(StandardCharsets.ISO_8859_1);

        assertRefused(text, "function __torch__.f calls aten::save, which writes files");
    }

    /** LibTorch looks for the zip's end, and not at what the file begins with. */
    @Test
    void read_ofAZipAfterSomethingElse_findsTheOperator() throws IOException {
        byte[] zip = zip("with a comment", "m/code/__torch__.py", SAVES);
        ByteBuffer file = ByteBuffer.allocate(4 + zip.length).order(ByteOrder.LITTLE_ENDIAN);
        file.position(4).put(zip);
        String text = new String(file.array(), StandardCharsets.ISO_8859_1);
        int directory = text.indexOf("PK\1\2");
        file.putInt(directory + 42, 4);
        file.putInt(text.indexOf("PK\5\6") + 16, directory);

        assertRefused(file.array(), "function __torch__.f calls aten::save, which writes files");
    }

    @Test
    void read_ofTheOldFormat_isRefused() throws IOException {
        assertRefused(
                zip("", "m/model.json", "{}"),
                "its format is that of PyTorch 1.0 to 1.3, whose code cannot be looked through");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c__torch__.torch.classes.mine\nDoor\n",
                "c__torch__\ntorch.classes.mine.Door\n",
                "c__torch__.torch\nclasses.mine.Door\n"
            })
    void read_ofAPickledNativeClass_isRefused(String pickle) throws IOException {
        assertRefused(
                zip("", "m/data.pkl", pickle),
                "'m/data.pkl' holds a __torch__.torch.classes.mine.Door, which is not known to be harmless");
    }

    @Test
    void read_ofAPickledRemoteValue_isRefused() throws IOException {
        assertRefused(
                zip("", "m/data.pkl", "ctorch.distributed.rpc\nrref\n"),
                "'m/data.pkl' holds a value of another process (torch.distributed.rpc)");
    }

    @Test
    void read_ofPickledWeights_isNothing() {
        assertThatCode(() ->
                        check(zip("", "m/data.pkl", "c__torch__.torch.classes.quantized\nLinearPackedParamsBase\n")))
                .doesNotThrowAnyException();
    }

    @Test
    void read_ofMoreThanIsLookedThrough_isRefused() throws IOException {
        char[] spaces = new char[TorchZip.LARGEST_READ + 1];
        Arrays.fill(spaces, ' ');
        assertRefused(
                zip("", "m/code/__torch__.py", new String(spaces)),
                "'m/code/__torch__.py' has 67108865 bytes, more than the 67108864 that are looked through");
    }
}
