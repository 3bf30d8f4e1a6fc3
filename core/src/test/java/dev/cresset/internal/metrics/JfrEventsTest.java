package dev.cresset.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording holds of a batch. */
class JfrEventsTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private RecordedEvent recorded(String name, Runnable what) throws IOException {
        Path file = folder.resolve("events.jfr");
        try (Recording recording = new Recording()) {
            recording.enable(name).withoutThreshold();
            recording.start();
            what.run();
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .toList();
        assertThat(events).hasSize(1);
        return events.get(0);
    }

    @Test
    void batch_isRecordedWithItsRows() throws IOException {
        RecordedEvent event =
                recorded("dev.cresset.Batch", () -> JfrEvents.endBatch(JfrEvents.beginBatch(), "fraud", 3, 4));

        assertThat(event.getString("model")).isEqualTo("fraud");
        assertThat(event.getInt("rows")).isEqualTo(3);
        assertThat(event.getInt("bucket")).isEqualTo(4);
    }

    @Test
    void rejection_isRecordedWithThoseThatWait() throws IOException {
        RecordedEvent event = recorded("dev.cresset.Rejection", () -> JfrEvents.rejected("fraud", 7));

        assertThat(event.getString("model")).isEqualTo("fraud");
        assertThat(event.getInt("waiting")).isEqualTo(7);
    }

    @Test
    void modelLoad_isRecordedWithItsPlan() throws IOException {
        RecordedEvent event = recorded(
                "dev.cresset.ModelLoad",
                () -> JfrEvents.endModelLoad(JfrEvents.beginModelLoad(), "fraud", "FROZEN (chosen)"));

        assertThat(event.getString("model")).isEqualTo("fraud");
        assertThat(event.getString("plan")).isEqualTo("FROZEN (chosen)");
    }

    @Test
    void begin_whereNoRecordingWantsIt_isNothing() {
        try (Recording recording = new Recording()) {
            recording.disable("dev.cresset.Batch");
            recording.disable("dev.cresset.ModelLoad");
            recording.start();

            assertThat(JfrEvents.beginBatch()).isNull();
            assertThat(JfrEvents.beginModelLoad()).isNull();
        }
    }
}
