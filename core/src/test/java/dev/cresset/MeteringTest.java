package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.sun.management.ThreadMXBean;
import dev.cresset.internal.metrics.Recorder;
import dev.cresset.internal.metrics.Tally;
import dev.cresset.internal.requests.Metering;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Value;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a look shows of what was recorded, and that there is nothing before the first. */
class MeteringTest {

    private final Metering metering = new Metering();

    private Recorder recorder() {
        new PredictorMetrics(metering.tally(), metering.recording(), 3, 2);
        return Objects.requireNonNull(metering.recorder());
    }

    @Test
    void failed_countsBeforeTheFirstLook() {
        metering.failed(new OverloadedException("no"));
        metering.failed(new DeadlineExceededException("no"));
        metering.failed(new CancellationException());
        metering.failed(new InvalidInputException("no"));

        PredictorMetrics seen = new PredictorMetrics(metering.tally(), metering.recording(), 3, 2);
        assertThat(List.of(seen.rejected(), seen.expired(), seen.cancelled(), seen.invalidInputs()))
                .containsOnly(1L);
    }

    @Test
    void recorder_isNotThereBeforeTheFirstLook() {
        assertThat(metering.recorder()).isNull();
        new PredictorMetrics(metering.tally(), metering.recording(), 3, 2);
        Recorder first = metering.recorder();
        new PredictorMetrics(metering.tally(), metering.recording(), 3, 2);
        assertThat(metering.recorder()).isNotNull().isSameAs(first);
    }

    @Test
    void look_showsWhereTimeWent() {
        Recorder recorder = recorder();
        recorder.preprocessed(10);
        recorder.waited(20);
        recorder.ran(1, 30);
        recorder.postprocessed(40);
        recorder.answered(50);
        recorder.answered(60);
        metering.tally().answered();

        PredictorMetrics seen = new PredictorMetrics(metering.tally(), metering.recording(), 3, 2);
        assertThat(seen.preprocess().sum()).isEqualTo(Duration.ofNanos(10));
        assertThat(seen.queue().sum()).isEqualTo(Duration.ofNanos(20));
        assertThat(seen.nativeCall().sum()).isEqualTo(Duration.ofNanos(30));
        assertThat(seen.postprocess().sum()).isEqualTo(Duration.ofNanos(40));
        assertThat(seen.total().mean()).isEqualTo(Duration.ofNanos(55));
        assertThat(seen.total().percentile(50)).isEqualTo(Duration.ofNanos(50));
        assertThat(seen.total().max()).isEqualTo(Duration.ofNanos(60));
        assertThat(seen.answered()).isEqualTo(1);
        assertThat(seen.total().count()).isEqualTo(2);
    }

    @Test
    void look_showsBatches() {
        Recorder recorder = recorder();
        recorder.ran(3, 100);
        recorder.ran(3, 100);
        recorder.ran(8, 100);
        metering.tally().ran(3, 4);
        metering.tally().ran(3, 4);
        metering.tally().ran(8, 8);

        PredictorMetrics seen = new PredictorMetrics(metering.tally(), metering.recording(), 3, 2);
        assertThat(seen.batches()).isEqualTo(3);
        assertThat(seen.rows()).isEqualTo(14);
        assertThat(seen.paddingRows()).isEqualTo(2);
        assertThat(seen.batchSizes()).containsExactly(entry(3, 2L), entry(8, 1L));
    }

    @Test
    void look_tellsFailuresApart() {
        Tally tally = metering.tally();
        tally.failed(new InvalidInputException("no"));
        times(2, () -> tally.failed(new ModelExecutionException("no")));
        times(3, () -> tally.failed(new OutOfNativeMemoryException("no")));
        times(4, () -> tally.failed(new IllegalStateException("no")));
        times(5, tally::rejected);
        times(6, tally::expired);
        times(7, tally::cancelled);

        PredictorMetrics seen = new PredictorMetrics(metering.tally(), metering.recording(), 3, 2);
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
        PredictorMetrics seen = new PredictorMetrics(metering.tally(), metering.recording(), 3, 2);
        assertThat(seen.waiting()).isEqualTo(3);
        assertThat(seen.running()).isEqualTo(2);
    }

    @Test
    void percentile_refusesWhatIsNone() {
        PredictorMetrics.Latency total = new PredictorMetrics(metering.tally(), metering.recording(), 3, 2).total();
        assertThatThrownBy(() -> total.percentile(100.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the percentile is 100.5, it must be from 0 to 100");
    }

    private static void times(int count, Runnable what) {
        for (int i = 0; i < count; i++) {
            what.run();
        }
    }

    /** Each class loader that has Cresset counts its predictors, and all register with one server. */
    @Test
    void registerMBean_whereAnotherClassLoaderHasTheName_takesTheNext(@TempDir Path folder) throws Exception {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        ObjectName taken = null;
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "contract", "none"));
                Predictor<float[], float[]> one =
                        Predictor.builder(archive, new Picky()).open();
                Predictor<float[], float[]> other =
                        Predictor.builder(archive, new Picky()).open()) {
            ObjectName name = one.registerMBean();
            int id = Integer.parseInt(name.getKeyProperty("id"));
            taken = new ObjectName(name.toString().replace("id=" + id, "id=" + (id + 1)));
            server.registerMBean(new StandardMBean((Runnable) () -> {}, Runnable.class), taken);

            assertThat(other.registerMBean().getKeyProperty("id")).isEqualTo(Integer.toString(id + 2));
        } finally {
            if (taken != null) {
                server.unregisterMBean(taken);
            }
        }
    }

    @Test
    void predictor_countsFromTheStart_measuresFromTheFirstLookOn_andTellsJmx(@TempDir Path folder) throws Exception {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        ObjectName name;
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "contract", "none"));
                Predictor<float[], float[]> predictor = Predictor.builder(archive, new Picky())
                        .batching(Batching.upTo(4))
                        .open()) {
            predictor.predict(new float[] {0});
            assertThatThrownBy(() -> predictor.predict(new float[] {-1})).isInstanceOf(InvalidInputException.class);
            PredictorMetrics first = predictor.metrics();
            assertThat(first.answered()).isEqualTo(1);
            assertThat(first.invalidInputs()).isEqualTo(1);
            assertThat(first.rows()).isEqualTo(1);
            assertThat(first.batches()).isEqualTo(1);
            assertThat(first.total().count()).isZero();

            predictor.predictAll(List.of(new float[] {1}, new float[] {2}, new float[] {3}));
            predictor.predictAsync(new float[] {4}).join();
            assertThat(predictor.predictAsync(new float[] {-1})).isCompletedExceptionally();

            name = predictor.registerMBean();
            assertThat(predictor.registerMBean()).isSameAs(name);
            PredictorMetrics seen = predictor.metrics();
            assertThat(seen.answered()).isEqualTo(5);
            assertThat(seen.rows()).isEqualTo(5);
            assertThat(seen.batchSizes()).containsEntry(3, 1L);
            assertThat(seen.paddingRows()).isZero();
            assertThat(seen.preprocess().count()).isEqualTo(4);
            assertThat(seen.queue().count()).isEqualTo(4);
            assertThat(seen.postprocess().count()).isEqualTo(4);
            assertThat(seen.invalidInputs()).isEqualTo(2);
            assertThat(server.getAttribute(name, "Answered")).isEqualTo(5L);
            assertThat(server.getAttribute(name, "Failed")).isEqualTo(2L);
            long byKind = 0;
            for (String kind : List.of("InvalidInputs", "ExecutionFailures", "OutOfNativeMemory", "OtherFailures")) {
                byKind += (Long) server.getAttribute(name, kind);
            }
            assertThat(byKind).isEqualTo(2);
        }
        assertThat(server.isRegistered(name)).isFalse();
    }

    /** What the fake engine allocates is the same each time; what the compiler has not yet removed is in the first rounds. */
    @Test
    void looking_makesNoPredictionAllocateMore(@TempDir Path folder) throws Exception {
        float[] request = {1};
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "contract", "none"));
                Predictor<float[], float[]> predictor = Predictor.open(archive, new Picky())) {
            long before = leastAllocated(() -> predictor.predict(request));
            predictor.metrics();
            long after = leastAllocated(() -> predictor.predict(request));

            assertThat(predictor.metrics().answered()).isPositive();
            assertThat(after).isLessThanOrEqualTo(before + 8);
        }
    }

    /** Bytes a call, in the best of several rounds. */
    private static long leastAllocated(Runnable call) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int calls = 1000;
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long start = threads.getCurrentThreadAllocatedBytes();
            times(calls, call);
            least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - start) / calls);
        }
        return least;
    }

    /** Refuses what is negative. */
    private static final class Picky implements Handler<float[], float[]> {
        @Override
        public Answer<float[]> preprocess(float[] request, Inputs inputs) {
            if (request[0] < 0) {
                throw new InvalidInputException("negative");
            }
            inputs.tensor(DataType.FLOAT32, request.length).copyFrom(request);
            return this::postprocess;
        }

        float[] postprocess(Value output) {
            return output.asTensor().toFloatArray();
        }
    }
}
