package dev.cresset.internal.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Plan;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.tensor.Tensor;
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

    private static final PlanCache.Remembered CHOICE =
            PlanCache.Remembered.after(Optional.empty(), PLAN, /* disturbed= */ false, Optional.empty());

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void put_isFoundAgain_whereItSays() {
        PlanCache cache = PlanCache.in(folder);
        assertThat(cache.put("key", CHOICE)).contains(folder.resolve("plans"));
        assertThat(cache.get("key").orElseThrow().plan().optimization()).isEqualTo(Optimization.DIRECT);
    }

    @Test
    void put_whereNothingCanBeWritten_isAsIfNothingWere() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        PlanCache cache = PlanCache.in(file);
        assertThat(cache.put("key", CHOICE)).isEmpty();
        assertThat(cache.get("key")).isEmpty();
    }

    @Test
    void put_aChoiceThatIsNeverMadeInQuiet_isLookedAtAgainThreeTimes() {
        PlanCache cache = PlanCache.in(folder);
        int looks = 0;
        Optional<PlanCache.Remembered> before = Optional.empty();
        while (before.isEmpty() || before.get().disturbed()) {
            cache.put("key", PlanCache.Remembered.after(before, PLAN, /* disturbed= */ true, Optional.empty()));
            before = cache.get("key");
            looks++;
        }
        assertThat(looks - 1).isEqualTo(3);
    }

    @Test
    void put_anotherChoice_isLookedAtAnew() {
        Plan other = new Plan(Optimization.FROZEN, Precision.AS_SAVED, Plan.Origin.TUNED, "tuned", List.of());
        PlanCache.Remembered stayed = new PlanCache.Remembered(PLAN, /* disturbed= */ true, 2, Optional.empty());
        assertThat(PlanCache.Remembered.after(Optional.of(stayed), other, /* disturbed= */ true, Optional.empty())
                        .disturbed())
                .isTrue();
    }

    @Test
    void get_ofAnAnswerThatCannotBe_isAsIfNothingWere() throws IOException {
        PlanCache cache = PlanCache.in(folder);
        try (Tensor x = Tensor.of(new float[] {1, 2}, 2);
                Tensor y = Tensor.of(new float[] {2, 4}, 2)) {
            Optional<KnownAnswer> answer = KnownAnswer.of(List.of(x), y);
            cache.put("key", PlanCache.Remembered.after(Optional.empty(), PLAN, /* disturbed= */ false, answer));
            KnownAnswer kept = cache.get("key").orElseThrow().answer().orElseThrow();
            assertThat(kept.isOf(List.of(x))).isTrue();
            assertThat(kept.isOf(List.of(y))).isFalse();
            assertThat(kept.difference(Agreement.upToRounding(), y)).isEmpty();
            assertThat(kept.difference(Agreement.upToRounding(), x)).isPresent();
        }
        Path file = folder.resolve("plans/key");
        Files.writeString(file, Files.readString(file).replace("[2]", "[3]"));
        assertThat(cache.get("key")).isEmpty();
    }
}
