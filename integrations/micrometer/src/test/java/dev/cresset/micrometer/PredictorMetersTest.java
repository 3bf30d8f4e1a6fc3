package dev.cresset.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.Predictor;
import dev.cresset.PredictorMetrics;
import dev.cresset.engine.Device;
import dev.cresset.engine.FakeDevices;
import dev.cresset.engine.OpenThings;
import dev.cresset.mar.ModelArchive;
import dev.cresset.mar.ModelArchiveWriter;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Value;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A predictor's requests, as registries tell of them. */
@ExtendWith(OpenThings.class)
class PredictorMetersTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Predictor<float[], float[]> open() throws IOException {
        Path model = Files.writeString(folder.resolve("model.pt"), "contract");
        ModelArchiveWriter.builder("m", "1.0", "base_handler")
                .serializedFile(model)
                .build()
                .write(folder);
        try (ModelArchive archive = ModelArchive.open(folder.resolve("m.mar"))) {
            return Predictor.open(archive, new Picky());
        }
    }

    @Test
    void requests_areCountedByTheirEnd() throws IOException {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (Predictor<float[], float[]> predictor = open()) {
            PredictorMeters early = new PredictorMeters(predictor::metrics, "m");
            predictor.predict(new float[] {1, 2});
            predictor.predict(new float[] {3});
            assertThatThrownBy(() -> predictor.predict(new float[] {-1})).isInstanceOf(InvalidInputException.class);
            early.bindTo(registry);
            new PredictorMeters(predictor::metrics, "now").bindTo(registry);
        }

        assertThat(registry.get("cresset.requests")
                        .tags("model", "now", "outcome", "answered")
                        .functionCounter()
                        .count())
                .isEqualTo(2);
        assertThat(registry.get("cresset.requests")
                        .tags("model", "now", "outcome", "invalid_input")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("cresset.time")
                        .tags("model", "now", "stage", "total")
                        .functionTimer()
                        .count())
                .isEqualTo(2);
        assertThat(registry.get("cresset.time")
                        .tags("model", "now", "stage", "native")
                        .functionTimer()
                        .totalTime(TimeUnit.NANOSECONDS))
                .isPositive();
        assertThat(registry.get("cresset.rows")
                        .tags("model", "now")
                        .functionCounter()
                        .count())
                .isEqualTo(2);
        assertThat(registry.get("cresset.waiting").tags("model", "now").gauge().value())
                .isZero();
    }

    @Test
    void percentiles_areOfTheLastMinuteOrTwo_thoughEarlierCallsWereSlow() throws IOException {
        AtomicLong clock = new AtomicLong();
        try (Predictor<float[], float[]> predictor = open()) {
            Looks looks = new Looks(predictor::metrics, clock::get);
            predictor.predict(new float[] {1, 2});
            assertThat(looks.get().total().count()).as("a look that is fresh").isZero();
            clock.addAndGet(TimeUnit.SECONDS.toNanos(30));
            assertThat(looks.lately(PredictorMetrics::total).count()).isEqualTo(1);
            clock.addAndGet(TimeUnit.SECONDS.toNanos(40));
            looks.get();
            predictor.predict(new float[] {1, 2});
            predictor.predict(new float[] {1, 2});
            clock.addAndGet(TimeUnit.SECONDS.toNanos(30));
            assertThat(looks.lately(PredictorMetrics::total).count())
                    .as("two minutes ago")
                    .isEqualTo(3);
            clock.addAndGet(TimeUnit.SECONDS.toNanos(40));
            looks.get();
            clock.addAndGet(TimeUnit.SECONDS.toNanos(30));
            assertThat(looks.lately(PredictorMetrics::total).count()).isEqualTo(2);
            assertThat(looks.get().total().count()).isEqualTo(3);
        }
    }

    @Test
    void scrape_hasPercentilesInSeconds() throws IOException {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (Predictor<float[], float[]> predictor = open()) {
            predictor.metrics();
            predictor.predict(new float[] {1, 2});
            new PredictorMeters(predictor::metrics, "m").bindTo(registry);
            assertThat(registry.scrape())
                    .contains("cresset_requests_total{model=\"m\",outcome=\"answered\"} 1.0")
                    .contains("cresset_time_percentile_seconds{model=\"m\",percentile=\"99.9\",stage=\"total\"}")
                    .contains("cresset_time_seconds_count{model=\"m\",stage=\"queue\"} 1");
        }
    }

    @Test
    @SuppressWarnings("try") // the devices are there as long as they are open
    void devices_haveTheirMemoryAndTime() throws IOException {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        int room = 1 << 20;
        try (FakeDevices devices = FakeDevices.with(1, room);
                Predictor<float[], float[]> predictor = Predictor.builder(
                                Files.writeString(folder.resolve("model.pt"), "contract"), new Picky())
                        .devices(Device.cuda(0))
                        .open();
                PredictorMeters meters = new PredictorMeters(predictor::metrics, "m")) {
            meters.bindTo(registry);
            predictor.predict(new float[] {1, 2});
            assertThat(registry.get("cresset.device.memory")
                            .tags("model", "m", "device", "cuda:0", "kind", "total")
                            .gauge()
                            .value())
                    .isEqualTo(room);
            assertThat(registry.get("cresset.device.graphs")
                            .tags("device", "cuda:0")
                            .gauge()
                            .value())
                    .isZero();
            assertThat(registry.get("cresset.time").tags("stage", "device").functionTimer())
                    .isNotNull();
        }
        assertThat(registry.getMeters()).isEmpty();
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
