package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The committed library is the one that the sources beside it make. */
class BridgeDigestTest {

    @Test
    void library_wasBuiltFromTheseSources() throws IOException, NoSuchAlgorithmException {
        Path main = Path.of("src", "main");
        List<Path> sources = new ArrayList<>();
        // In the order of build-bridge.sh.
        sources.addAll(list(main.resolve("cpp"), ".cpp"));
        sources.addAll(list(main.resolve("cpp"), ".h"));
        sources.add(main.resolve("java/dev/cresset/torch/Bridge.java"));
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (Path source : sources) {
            digest.update((source.getFileName() + "\n").getBytes(StandardCharsets.UTF_8));
            digest.update(Files.readAllBytes(source));
        }

        new BridgeProvider().open();

        assertThat(Bridge.sourceDigest())
                .as("the library is older than its sources: run natives/build-bridge.sh")
                .isEqualTo(HexFormat.of().formatHex(digest.digest()));
    }

    private static List<Path> list(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }
}
