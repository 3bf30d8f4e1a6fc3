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

    @Test
    void batch_isRecordedWithItsRows() throws IOException {
        Path file = folder.resolve("batch.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("dev.cresset.Batch").withoutThreshold();
            recording.start();
            JfrEvents.endBatch(JfrEvents.beginBatch(), "fraud", 3, 4);
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("dev.cresset.Batch"))
                .toList();
        assertThat(events).hasSize(1);
        assertThat(events.get(0).getString("model")).isEqualTo("fraud");
        assertThat(events.get(0).getInt("rows")).isEqualTo(3);
        assertThat(events.get(0).getInt("bucket")).isEqualTo(4);
    }
}
