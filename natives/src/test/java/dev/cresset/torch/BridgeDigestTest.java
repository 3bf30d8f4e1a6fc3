package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.torch.libraries.Linker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The committed libraries are those that the sources beside them make. */
class BridgeDigestTest {

    private static final Path PLATFORMS = Path.of("src", "main", "resources", "dev", "cresset", "torch");

    /** Of each platform that there is one for: on this machine only one of them can be asked. */
    @Test
    void libraries_ofAllPlatforms_wereBuiltFromTheseSources() throws IOException {
        List<String> others = new ArrayList<>();
        int libraries = 0;
        try (DirectoryStream<Path> platforms = Files.newDirectoryStream(PLATFORMS, "linux-*")) {
            for (Path platform : platforms) {
                byte[] library = Files.readAllBytes(platform.resolve("libjnicresset.so"));
                if (!new String(library, StandardCharsets.ISO_8859_1).contains("cresset bridge, sources " + digest())) {
                    others.add(platform.getFileName().toString());
                }
                libraries++;
            }
        }

        assertThat(libraries).isPositive();
        assertThat(others)
                .as("their libraries are older than the sources: run natives/build-bridge.sh --target of each")
                .isEmpty();
    }

    @Test
    void library_wasBuiltFromTheseSources() throws IOException {
        new BridgeProvider().open();

        assertThat(Bridge.sourceDigest())
                .as("the library is older than its sources: run natives/build-bridge.sh")
                .isEqualTo(digest());
    }

    private static String digest() throws IOException {
        Path main = Path.of("src", "main");
        // In the order of build-bridge.sh.
        SortedSet<String> sources = new TreeSet<>(namesOfSources(main));
        sources.add("java/dev/cresset/torch/Bridge.java");
        MessageDigest digest = sha256();
        for (String source : sources) {
            digest.update((source + "\n").getBytes(StandardCharsets.UTF_8));
            digest.update(Files.readAllBytes(main.resolve(source)));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Test
    void linker_wasBuiltFromThisSource() throws IOException {
        byte[] source = Files.readAllBytes(Path.of("src", "main", "linker", "linker.c"));

        new BridgeProvider().open();

        assertThat(Linker.sourceDigest())
                .as("the library is older than its source: run natives/build-bridge.sh")
                .isEqualTo(HexFormat.of().formatHex(sha256().digest(source)));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> namesOfSources(Path main) throws IOException {
        try (Stream<Path> files = Files.walk(main.resolve("cpp"))) {
            return files.map(file -> main.relativize(file).toString().replace('\\', '/'))
                    .filter(name -> name.endsWith(".cpp") || name.endsWith(".h"))
                    .toList();
        }
    }
}
