package dev.cresset.internal.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Plan;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept between starts, and what cannot be. */
public class PlanCacheTest {

    private static final Plan PLAN =
            new Plan(Optimization.DIRECT, Precision.AS_SAVED, Plan.Origin.TUNED, "tuned in 0.1 s", List.of());

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void put_isFoundAgain_whereItSays() {
        PlanCache cache = PlanCache.in(folder);
        assertThat(cache.put("key", PLAN, /* disturbed= */ false, Optional.empty()))
                .contains(folder.resolve("plans"));
        assertThat(cache.get("key").orElseThrow().plan().optimization()).isEqualTo(Optimization.DIRECT);
    }

    @Test
    void put_whereNothingCanBeWritten_isAsIfNothingWere() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        PlanCache cache = PlanCache.in(file);
        assertThat(cache.put("key", PLAN, /* disturbed= */ false, Optional.empty()))
                .isEmpty();
        assertThat(cache.get("key")).isEmpty();
    }
}
