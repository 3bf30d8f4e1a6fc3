package dev.cresset.benchmarks.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A row of the zoo says what was wrong, and counts only what was right. */
class RowTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final Row row = new Row("gru", "recurrent", "GRU tagger");

    @Test
    void ratio_isToTheQuickerOfThePeersThatAnswered() {
        side("cresset", "ready 1e-7 FROZEN (it was asked for); 0.1 s", 300);
        side("ort", "ready 2e-7 onnxruntime", 100);
        side("openvino", "died with exit code 139");

        assertThat(row.ratio(1, "ort", "openvino")).hasValueCloseTo(3.0, within(1e-9));
        assertThat(row.ratio(1, "openvino")).isEmpty();
        assertThat(row.plan()).isEqualTo("FROZEN");
    }

    @Test
    void times_ofAWrongAnswerDoNotCount() {
        assertThat(new Times("ready 1e-7 fine").isReady(Numerics.FLOAT32)).isTrue();
        assertThat(new Times("ready 0.02 fast").isReady(Numerics.FLOAT32)).isFalse();
        assertThat(new Times("ready 0.02 fast").isReady(Numerics.BFLOAT16)).isTrue();
        assertThat(new Times("ready 0.6 faster").isReady(Numerics.BFLOAT16)).isFalse();
        assertThat(new Times("ready Infinity NaN somewhere").isReady(Numerics.FLOAT32))
                .isFalse();
        assertThat(new Times("refused ValueError").isReady(Numerics.FLOAT32)).isFalse();
    }

    @Test
    void add_aSideThatDiesLaterLosesItsRounds() {
        Times ours = side("cresset", "ready 1e-7 FROZEN", 300);

        assertThat(ours.add("died with exit code 134")).isFalse();
        assertThat(row.figure("cresset", 1)).isEmpty();
        assertThat(row.plan()).contains("died");
    }

    @Test
    void read_whatWasWritten() throws Exception {
        side("cresset", "ready 1e-7 FROZEN", 300, 250);
        row.checks.put("AUTO", "a 1e-7 b 2e-7 FROZEN");
        row.checks.put("FUSED", "DIED with exit code 139");
        row.write(folder.resolve("gru.txt"));

        Row read = Row.read(folder.resolve("gru.txt"));

        assertThat(read.figure("cresset", 1)).hasValue(250);
        assertThat(read.description).isEqualTo("GRU tagger");
        assertThat(read.faults()).containsOnlyKeys("FUSED");
    }

    @Test
    void distance_notANumberIsNoAnswer() {
        Numbers expected = new Numbers("float32", new long[] {2}, floats(4, -1));

        assertThat(expected.distance(floats(4, -1.5f))).isEqualTo(0.125);
        assertThat(expected.distance(floats(Float.NaN, -1))).isInfinite();
        assertThat(expected.distance(floats(4))).isInfinite();
    }

    @Test
    void summary_isAGeometricMean() {
        side(row, "cresset", "ready 1e-7 FROZEN", 400);
        side(row, "ort", "ready 1e-7", 100);
        Row other = new Row("dlrm", "recommender", "DLRM");
        side(other, "cresset", "ready 0 FROZEN", 100);
        side(other, "ort", "ready 0", 100);

        assertThat(new ZooTable(Options.of(), List.of(other, row)).summary())
                .contains("| all | 2 | 2.00 |")
                .contains("| recurrent | 1 | 4.00 |");
    }

    private Times side(String side, String state, double... nanos) {
        return side(row, side, state, nanos);
    }

    private static Times side(Row row, String side, String state, double... nanos) {
        Times times = new Times(state);
        row.times.put(side, times);
        for (double one : nanos) {
            times.add("time " + one + " " + one + " " + one + " " + one);
        }
        return times;
    }

    private static ByteBuffer floats(float... numbers) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(4 * numbers.length).order(ByteOrder.nativeOrder());
        for (float number : numbers) {
            bytes.putFloat(number);
        }
        return bytes.flip();
    }
}
