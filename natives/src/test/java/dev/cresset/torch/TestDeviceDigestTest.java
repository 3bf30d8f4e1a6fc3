package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The committed stand-in for a GPU is what the sources beside it make. */
@Tag("device")
class TestDeviceDigestTest {

    @Test
    void library_wasBuiltFromTheseSources() throws IOException, NoSuchAlgorithmException {
        Assumptions.assumeFalse(TestDevice.isGpu(), "the device is a GPU");
        Path test = Path.of("src", "test");
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (String source : sources(test)) {
            digest.update((source + "\n").getBytes(StandardCharsets.UTF_8));
            digest.update(Files.readAllBytes(test.resolve(source)));
        }

        TestDevice.engine();

        assertThat(TestDevice.sourceDigest())
                .as("the library is older than its sources: run natives/build-test-device.sh")
                .isEqualTo(HexFormat.of().formatHex(digest.digest()));
    }

    private static List<String> sources(Path test) throws IOException {
        try (Stream<Path> files = Files.walk(test.resolve("cpp"))) {
            return files.map(file -> test.relativize(file).toString().replace('\\', '/'))
                    .filter(name -> name.endsWith(".cpp") || name.endsWith(".h"))
                    .sorted()
                    .toList();
        }
    }
}
