package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.mar.internal.manifest.ManifestReader;
import java.io.IOException;
import java.util.Map;

/** Fuzz target: reads any bytes as a manifest. A refusal is right; whatever else escapes is a bug. */
final class FuzzManifest {
    private FuzzManifest() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        Map<String, byte[]> files = Map.of(ManifestReader.ENTRY, input, "model.pt", input, "config.yaml", input);
        Manifest manifest;
        try {
            manifest = read(files);
        } catch (ArchiveException e) {
            assertThat(e.entry()).contains(ManifestReader.ENTRY);
            assertThat(e).hasMessageStartingWith("m.mar: ").hasMessageNotContaining("\n");
            return;
        }
        assertThat(manifest.model().modelName()).isNotBlank();
        assertThat(manifest.model().serializedFile().orElse("model.pt")).isIn(files.keySet());
        assertThat(manifest.toString()).isEqualTo(read(files).toString());
    }

    private static Manifest read(Map<String, byte[]> files) throws IOException {
        return new Manifest(
                new ManifestReader(new MemoryContents(files), ArchiveLimits.defaults(), MemoryContents.REFUSALS)
                        .read());
    }
}
