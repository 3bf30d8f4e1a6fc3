package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.cresset.internal.metrics.Recorder;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a look shows of what was recorded, and that there is nothing before the first. */
class MeteringTest {

    private final Metering metering = new Metering(() -> 3, () -> 2);

    private Recorder recorder() {
        metering.look();
        return Objects.requireNonNull(metering.recorder());
    }

    @Test
    void recorder_isNotThereBeforeTheFirstLook() {
        assertThat(metering.recorder()).isNull();
        metering.look();
        Recorder first = metering.recorder();
        metering.look();
        assertThat(metering.recorder()).isNotNull().isSameAs(first);
    }

    @Test
    void look_showsWhereTimeWent() {
        Recorder recorder = recorder();
        recorder.preprocessed(10);
        recorder.waited(20);
        recorder.ran(1, 1, 30);
        recorder.postprocessed(40);
        recorder.answered(50);
        recorder.answered(60);

        PredictorMetrics seen = metering.look();
        assertThat(seen.preprocess().sum()).isEqualTo(Duration.ofNanos(10));
        assertThat(seen.queue().sum()).isEqualTo(Duration.ofNanos(20));
        assertThat(seen.nativeCall().sum()).isEqualTo(Duration.ofNanos(30));
        assertThat(seen.postprocess().sum()).isEqualTo(Duration.ofNanos(40));
        assertThat(seen.total().mean()).isEqualTo(Duration.ofNanos(55));
        assertThat(seen.total().percentile(50)).isEqualTo(Duration.ofNanos(50));
        assertThat(seen.total().max()).isEqualTo(Duration.ofNanos(60));
        assertThat(seen.answered()).isEqualTo(2);
    }

    @Test
    void look_showsBatches() {
        Recorder recorder = recorder();
        recorder.ran(3, 4, 100);
        recorder.ran(3, 4, 100);
        recorder.ran(8, 8, 100);

        PredictorMetrics seen = metering.look();
        assertThat(seen.batches()).isEqualTo(3);
        assertThat(seen.rows()).isEqualTo(14);
        assertThat(seen.paddingRows()).isEqualTo(2);
        assertThat(seen.batchSizes()).containsExactly(entry(3, 2L), entry(8, 1L));
    }

    @Test
    void look_tellsFailuresApart() {
        Recorder recorder = recorder();
        recorder.failed(new InvalidInputException("no"));
        times(2, () -> recorder.failed(new ModelExecutionException("no", null)));
        times(3, () -> recorder.failed(new OutOfNativeMemoryException("no", null)));
        times(4, () -> recorder.failed(new IllegalStateException("no")));
        times(5, recorder::rejected);
        times(6, recorder::expired);
        times(7, recorder::cancelled);

        PredictorMetrics seen = metering.look();
        assertThat(seen.invalidInputs()).isEqualTo(1);
        assertThat(seen.executionFailures()).isEqualTo(2);
        assertThat(seen.outOfNativeMemory()).isEqualTo(3);
        assertThat(seen.otherFailures()).isEqualTo(4);
        assertThat(seen.rejected()).isEqualTo(5);
        assertThat(seen.expired()).isEqualTo(6);
        assertThat(seen.cancelled()).isEqualTo(7);
        assertThat(seen.answered()).isZero();
    }

    @Test
    void look_readsTheGauges() {
        PredictorMetrics seen = metering.look();
        assertThat(seen.waiting()).isEqualTo(3);
        assertThat(seen.running()).isEqualTo(2);
    }

    @Test
    void percentile_refusesWhatIsNone() {
        PredictorMetrics.Latency total = metering.look().total();
        assertThatThrownBy(() -> total.percentile(100.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the percentile is 100.5, it must be from 0 to 100");
    }

    private static void times(int count, Runnable what) {
        for (int i = 0; i < count; i++) {
            what.run();
        }
    }
}
