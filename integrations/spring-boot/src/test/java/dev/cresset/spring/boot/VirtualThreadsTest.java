package dev.cresset.spring.boot;

import static dev.cresset.spring.boot.Fixtures.withRisk;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Predictor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.core.task.AsyncTaskExecutor;

/** An application whose requests run on virtual threads. */
@EnabledForJreRange(min = JRE.JAVA_21, disabledReason = "there are no virtual threads before")
class VirtualThreadsTest {

    @SuppressWarnings("unchecked")
    private static Predictor<float[], float[]> predictor(Object bean) {
        return (Predictor<float[], float[]>) bean;
    }

    private static boolean isOurs(RecordedEvent pinned) {
        return pinned.getStackTrace() != null
                && pinned.getStackTrace().getFrames().stream()
                        .anyMatch(frame -> frame.getMethod().getType().getName().startsWith("dev.cresset."));
    }

    @Test
    void thousandVirtualThreads_areAnswered_andPinNoCarrier(@TempDir Path folder) {
        withRisk()
                .withConfiguration(AutoConfigurations.of(TaskExecutionAutoConfiguration.class))
                .withPropertyValues("spring.threads.virtual.enabled=true", "cresset.models.risk.queue.capacity=2000")
                .run(context -> {
                    Predictor<float[], float[]> risk = predictor(context.getBean("risk"));
                    AsyncTaskExecutor executor = context.getBean(AsyncTaskExecutor.class);
                    assertThat(executor.submit(() -> Thread.currentThread().toString())
                                    .get(60, TimeUnit.SECONDS))
                            .startsWith("VirtualThread");
                    executor.submit(() -> risk.predict(new float[30])).get(60, TimeUnit.SECONDS);
                    Path file = folder.resolve("pinned.jfr");
                    try (Recording recording = new Recording()) {
                        recording.enable("jdk.VirtualThreadPinned").withThreshold(Duration.ofMillis(20));
                        recording.start();
                        List<Future<float[]>> answers = new ArrayList<>();
                        for (int caller = 0; caller < 1000; caller++) {
                            answers.add(executor.submit(() -> risk.predict(new float[30])));
                        }
                        for (Future<float[]> answer : answers) {
                            assertThat(answer.get(60, TimeUnit.SECONDS)).hasSize(1);
                        }
                        recording.stop();
                        recording.dump(file);
                    }
                    assertThat(RecordingFile.readAllEvents(file)).noneMatch(VirtualThreadsTest::isOurs);
                });
    }
}
