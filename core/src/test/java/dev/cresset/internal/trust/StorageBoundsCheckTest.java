package dev.cresset.internal.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.ModelLoadException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A module that {@code torch.jit.save} wrote, changed, and packed again with checksums that are right. */
class StorageBoundsCheckTest {

    private static final Path FIXTURES = Path.of(System.getProperty("cresset.fixtures"));
    private static final String PICKLE = "risk/data.pkl";

    private final Map<String, byte[]> entries = new LinkedHashMap<>();

    @BeforeEach
    void read() throws IOException {
        try (ZipFile zip =
                new ZipFile(FIXTURES.resolve(Path.of("risk", "risk.pt")).toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                try (InputStream in = zip.getInputStream(entry)) {
                    entries.put(entry.getName(), in.readAllBytes());
                }
            }
        }
    }

    private void check() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue());
            }
        }
        TorchZip.check(
                "m.pt", ByteBuffer.wrap(bytes.toByteArray()), new StorageBoundsCheck("m.pt", TorchZip.Reader.NONE));
    }

    private void change(String entry, UnaryOperator<byte[]> change) {
        entries.computeIfPresent(entry, (name, content) -> change.apply(content));
    }

    /** The pickle with one place of it written over. */
    private void replaceInPickle(byte[] old, byte[] by) {
        change(PICKLE, content -> {
            String text = new String(content, StandardCharsets.ISO_8859_1);
            int at = text.indexOf(new String(old, StandardCharsets.ISO_8859_1));
            assertThat(at).isNotNegative();
            byte[] changed = content.clone();
            System.arraycopy(by, 0, changed, at, by.length);
            return changed;
        });
    }

    private void assertRefused(String why) {
        assertThatThrownBy(this::check)
                .isInstanceOf(ModelLoadException.class)
                .hasMessageStartingWith("cannot load m.pt: its '" + PICKLE + "' ")
                .hasMessageContaining(why)
                .hasMessageEndingWith("; the file is damaged or cut short, copy or save it again");
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @Test
    void check_ofAWholeModule_isNothing() {
        assertThatCode(this::check).doesNotThrowAnyException();
    }

    static Stream<Path> saved() throws IOException {
        try (Stream<Path> files = Files.walk(FIXTURES)) {
            return files
                    .filter(file -> file.toString().endsWith(".pt") && !file.endsWith("truncated.pt"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("saved")
    void check_ofWhatPyTorchSaved_isNothing(Path file) {
        assertThatCode(() -> TorchZip.check(
                        file.toString(), file, new StorageBoundsCheck(file.toString(), TorchZip.Reader.NONE)))
                .doesNotThrowAnyException();
    }

    @Test
    void check_ofAWeightThatIsCutShort_saysWhatItShouldHave() {
        int whole = Objects.requireNonNull(entries.get("risk/data/1")).length;
        change("risk/data/1", content -> Arrays.copyOf(content, content.length - 1));
        assertRefused("says that 'risk/data/1' has " + whole + " bytes, it has " + (whole - 1));
    }

    @Test
    void check_ofAWeightThatIsGone_saysThatItIsNotThere() {
        entries.remove("risk/data/1");
        assertRefused("'risk/data/1' has");
    }

    @Test
    void check_ofAnEntryInOtherCaseThatIsShorter_countsTheShorter() {
        entries.put("risk/DATA/1", new byte[1]);
        assertRefused("it has 1");
    }

    /** The layer's numbers are said to be 30 times 32; one more row would be read from behind them. */
    @Test
    void check_ofATensorThatIsLargerThanItsStorage_saysBoth() {
        // MARK, 32, 30, TUPLE: its sizes; as the strides are (30, 1), 33 rows have 30 numbers more.
        replaceInPickle(bytes('(', 'K', 32, 'K', 30, 't'), bytes('(', 'K', 33, 'K', 30, 't'));
        assertRefused("has a tensor of sizes [33, 30] and strides [30, 1] from 0 on in a storage of 960 numbers");
    }

    @Test
    void check_ofANegativeSize_isRefused() {
        change(PICKLE, content -> {
            String text = new String(content, StandardCharsets.ISO_8859_1);
            String changed = text.replace("(K K\u001et", "(J\u00ff\u00ff\u00ff\u00ffK\u001et");
            assertThat(changed).isNotEqualTo(text);
            return changed.getBytes(StandardCharsets.ISO_8859_1);
        });
        assertRefused("a negative one");
    }

    static List<byte[]> nonsense() {
        return List.of(
                bytes(0x80, 2, 't', '.'),
                bytes(0x80, 2, 0x87, '.'),
                bytes(0x80, 2, 'N', '(', 0x85, '.'),
                bytes(0x80, 2, '}', '(', 'N', 'u', '.'),
                bytes(0x80, 2, 's', '.'),
                bytes(0x80, 2, 'N', '(', 'N', 'e', '.'),
                bytes(0x80, 2, 'h', 0, '.'),
                bytes(0x80, 2, 'K', 1, ')', 'R', '.'),
                bytes(0x80, 2, 'N', 'r', 0xff, 0xff, 0xff, 0x7f, '.'),
                bytes(0x80, 2, 'X', 0xff, 0xff, 0xff, 0x7f, '.'),
                bytes(0x80, 2, 'N', 'N', '.'),
                bytes(0x80, 2, 'i', '.'),
                bytes(0x80, 2, ')', 'Q', '.'),
                bytes(0x80, 3, 'N', '.'),
                bytes(0x80, 2, 'N'),
                bytes());
    }

    /** LibTorch reads below an empty stack, makes room for billions of values, or says so: some of these it survives. */
    @ParameterizedTest
    @MethodSource("nonsense")
    void check_ofAPickleThatMakesNoSense_isRefused(byte[] pickle) {
        change(PICKLE, content -> pickle);
        assertRefused("");
    }
}
