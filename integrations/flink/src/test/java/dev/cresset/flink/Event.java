package dev.cresset.flink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;

/** A record with a key, and a row for the risk model. */
@SuppressWarnings("ArrayRecordComponent") // compared by its key
public record Event(long id, float[] features) {

    static final int COLUMNS = 30;

    private static final float[][] MEASURED = measured();

    private static float[][] measured() {
        try {
            List<String> lines = Files.readAllLines(Risk.ARCHIVE.resolveSibling("heldback.csv"));
            return lines.stream().skip(1).map(Event::row).toArray(float[][]::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static float[] row(String line) {
        String[] cells = line.split(",", -1);
        float[] row = new float[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            row[i] = Float.parseFloat(cells[i]);
        }
        return row;
    }

    /** Always the same of the same key, and none like another: what was measured, a little larger each time around. */
    static Event of(long id) {
        float[] features = MEASURED[(int) (id % MEASURED.length)].clone();
        float larger = 1 + id * 1e-6f;
        for (int i = 0; i < COLUMNS; i++) {
            features[i] *= larger;
        }
        return new Event(id, features);
    }

    /** One that the model does not take. */
    static Event bad(long id) {
        return new Event(id, new float[COLUMNS - 1]);
    }
}
