package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.mar.internal.config.ConfigReader;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Fuzz target: reads any bytes as settings. A refusal is right; whatever else escapes is a bug. */
final class FuzzConfig {
    private static final String ENTRY = "c.yaml";
    private static final int MOST_VALUES = 100_000;

    private FuzzConfig() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        ModelConfig config;
        try {
            config = new ModelConfig(new ConfigReader(
                            new MemoryContents(Map.of(ENTRY, input)), ArchiveLimits.defaults(), MemoryContents.REFUSALS)
                    .read(Optional.of(ENTRY)));
        } catch (ArchiveException e) {
            assertThat(e.entry()).contains(ENTRY);
            assertThat(e).hasMessageStartingWith("m.mar: ").hasMessageNotContaining("\n");
            return;
        }
        assertThat(config.warnings())
                .doesNotContainNull()
                .allSatisfy(warning -> assertThat(warning).doesNotContain("\n"));
        assertThat(count(config.settings())).isLessThanOrEqualTo(MOST_VALUES + 1);
        assertThat(config.toString()).isNotBlank();
    }

    private static long count(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return 1 + map.values().stream().mapToLong(FuzzConfig::count).sum();
        }
        return value instanceof Collection<?> collection
                ? 1 + collection.stream().mapToLong(FuzzConfig::count).sum()
                : 1;
    }
}
