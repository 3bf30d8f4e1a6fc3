package dev.cresset.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dicts and Counters are read; whatever else a pickle asks for is refused, and nothing it names is run. */
class PickledVocabularyTest {

    /** As Python writes {@code {"a": 1, "b": 70000}}. */
    private static final String DICT = "\u0080\u0002}q\0(X\1\0\0\0aq\1K\1X\1\0\0\0bq\2Jp\u0011\1\0u.";

    @TempDir
    private Path folder;

    private Map<String, Long> read(String pickle) throws IOException {
        Path file = folder.resolve("source_vocab.pt");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("source_vocab/data.pkl"));
            zip.write(pickle.getBytes(StandardCharsets.ISO_8859_1));
            zip.closeEntry();
        }
        return PickledVocabulary.read(file, "<unk>");
    }

    @Test
    void read_dict() throws IOException {
        assertThat(read(DICT)).containsOnly(Map.entry("a", 1L), Map.entry("b", 70000L));
    }

    @Test
    void read_orderedDict() throws IOException {
        assertThat(read("\u0080\u0002ccollections\nOrderedDict\nq\0)Rq\1X\1\0\0\0aq\2K\1s."))
                .containsOnly(Map.entry("a", 1L));
    }

    @Test
    void read_counter_hasANumberForWordsThatItLacks() throws IOException {
        assertThat(read("\u0080\u0002ccollections\nCounter\nq\0}q\1X\1\0\0\0aq\2M\0\1s\u0085q\3Rq\4."))
                .containsOnly(Map.entry("a", 256L), Map.entry("<unk>", 0L));
    }

    @Test
    void read_anotherClass_isRefusedByName() {
        assertThatThrownBy(() -> read("\u0080\u0002ctorchtext.vocab.vocab\nVocab\nq\0)\u0081q\1."))
                .isInstanceOf(IOException.class)
                .hasMessage("it holds an object of Python's torchtext.vocab.vocab.Vocab");
        assertThatThrownBy(() -> read("\u0080\u0002cos\nsystem\nX\1\0\0\0a\u0085R."))
                .isInstanceOf(IOException.class)
                .hasMessage("it holds an object of Python's os.system");
    }

    @Test
    void read_brokenPickles_areRefused() {
        long seed = 41;
        Random random = new Random(seed);
        for (int i = 0; i < 3000; i++) {
            char[] broken = DICT.toCharArray();
            for (int change = random.nextInt(3); change >= 0; change--) {
                broken[random.nextInt(broken.length)] = (char) random.nextInt(256);
            }
            String pickle = new String(broken).substring(0, 1 + random.nextInt(broken.length));
            try {
                assertThat(read(pickle)).as("seed %d, round %d", seed, i).isNotNull();
            } catch (IOException e) {
                assertThat(e).as("seed %d, round %d", seed, i).hasMessageStartingWith("it ");
            }
        }
    }
}
