package dev.cresset.pt2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.cresset.mar.ArchiveException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that something happened to: refused, or as right as before, and nothing else. */
class Pt2DamageTest {
    private static final int FILES = Integer.getInteger("cresset.damage", 1000);
    private static final List<String> FIXTURES = List.of(
            "torch-2.13.pt2",
            "structures.pt2",
            "control.pt2",
            "arguments.pt2",
            "state-decomposed.pt2",
            "torch-2.9.pt2");

    /** What a small program takes, many times over. */
    private static final long MOST_NANOS = 5_000_000_000L;

    private static final List<String> PIECES = List.of(
            "-1",
            "9223372036854775807",
            "9223372036854775808",
            "1e400",
            "\"NaN\"",
            "null",
            "[]",
            "{}",
            "true",
            "\"\"",
            "\\u0000",
            "{\"as_none\": true}",
            "{\"as_tensor\": {\"name\": \"x\"}}",
            "[".repeat(300));

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final Map<String, Integer> outcomes = new HashMap<>();

    @TempDir
    Path directory;

    @Test
    void bytesFlippedAndFilesCut() throws IOException {
        for (int i = 0; i < FILES / 2; i++) {
            byte[] bytes = Files.readAllBytes(Pt2File.fixture(FIXTURES.get(i % FIXTURES.size())));
            if (random.nextInt(4) == 0) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            } else {
                for (int j = random.nextInt(4); j >= 0; j--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            exercise(Files.write(directory.resolve("m.pt2"), bytes));
        }
        // Most bytes are under a checksum, and cut files have no end.
        assertThat(outcomes.getOrDefault("READ", 0))
                .as("seed %s: %s", seed, outcomes)
                .isLessThan(FILES / 4);
    }

    @Test
    void textsChangedBehindRightChecksums() throws IOException {
        for (int i = 0; i < FILES / 2; i++) {
            Pt2File file = Pt2File.like(FIXTURES.get(i % FIXTURES.size()));
            String entry = List.of(
                            "models/model.json",
                            "models/model.json",
                            "data/weights/model_weights_config.json",
                            "data/constants/model_constants_config.json")
                    .get(random.nextInt(4));
            exercise(file.with(entry, changed(file.bytes(entry))).in(directory));
        }
        // Some are read to the end all the same, or are refused later than for their syntax: for which rule is chance.
        assertThat(outcomes).as("seed %s", seed).containsKey("PROGRAM_SYNTAX").hasSizeGreaterThan(1);
    }

    private byte[] changed(byte[] text) {
        StringBuilder changed = new StringBuilder(new String(text, StandardCharsets.UTF_8));
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(changed.length());
            int end = Math.min(changed.length(), at + 1 + random.nextInt(30));
            switch (random.nextInt(6)) {
                case 0 -> changed.setCharAt(at, (char) random.nextInt(0x100));
                case 1 -> changed.delete(at, end);
                case 2 -> changed.insert(at, changed.substring(at, end));
                case 3 -> changed.insert(random.nextInt(changed.length()), changed.substring(at, end));
                default -> replaceValue(changed, at);
            }
            if (changed.length() == 0) {
                break;
            }
        }
        return changed.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Puts something else where a value begins: the text mostly stays JSON. */
    private void replaceValue(StringBuilder text, int from) {
        int colon = text.indexOf(": ", from);
        if (colon < 0) {
            return;
        }
        int end = colon + 2;
        while (end < text.length() && ",}]{[".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        text.replace(colon + 2, end, PIECES.get(random.nextInt(PIECES.size())));
    }

    private void exercise(Path path) throws IOException {
        long begin = THREADS.getCurrentThreadCpuTime();
        outcomes.merge(outcome(path), 1, Integer::sum);
        assertThat(THREADS.getCurrentThreadCpuTime() - begin)
                .as("nanoseconds for seed %s, file %s", seed, outcomes)
                .isLessThan(MOST_NANOS);
    }

    private String outcome(Path path) throws IOException {
        try {
            Pt2Archive.isPt2(path);
            try (Pt2Archive archive = Pt2Archive.open(path)) {
                archive.verify();
            }
            return "READ";
        } catch (ArchiveException e) {
            assertThat(e.getMessage())
                    .startsWith("m.pt2: ")
                    .doesNotContain("\n")
                    .hasSizeLessThan(2000);
            return e.rule().toString();
        } catch (RuntimeException | Error e) {
            Path kept = Files.copy(
                    path, Files.createTempFile("damaged", ".pt2"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            return fail("seed " + seed + ", see " + kept, e);
        }
    }
}
