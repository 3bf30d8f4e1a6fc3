package dev.cresset.handler;

import dev.cresset.ModelExecutionException;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.Set;

/** What a detector found in one image, as it answered: boxes, labels and scores of the same number. */
final class Detections {

    private static final Set<DataType> FLOATS = Set.of(DataType.FLOAT32, DataType.FLOAT16, DataType.BFLOAT16);

    private final float[] boxes;
    private final long[] labels;
    private final float[] scores;

    private Detections(float[] boxes, long[] labels, float[] scores) {
        this.boxes = boxes;
        this.labels = labels;
        this.scores = scores;
    }

    /**
     * Reads a list of one dict, or a pair whose second is that: what a scripted detector answers, its losses first.
     *
     * @throws ModelExecutionException if the model answers something else
     */
    static Detections read(String archive, Value output) {
        Value list = output instanceof Value.TupleValue pair && pair.elements().size() == 2
                ? pair.elements().get(1)
                : output;
        if (list instanceof Value.ListValue images
                && images.elements().size() == 1
                && images.elements().get(0) instanceof Value.DictValue found
                && found.entries().get(Value.of("boxes")) instanceof Tensor boxes
                && found.entries().get(Value.of("labels")) instanceof Tensor labels
                && found.entries().get(Value.of("scores")) instanceof Tensor scores
                && fit(boxes, labels, scores)) {
            return new Detections(boxes.toFloatArray(), longs(labels), scores.toFloatArray());
        }
        throw new ModelExecutionException(archive + ": the model answered for an image with " + output
                + ", expected a list of one dict with tensors 'boxes' [n, 4], 'labels' [n] and 'scores' [n]");
    }

    private static boolean fit(Tensor boxes, Tensor labels, Tensor scores) {
        boolean types = FLOATS.contains(boxes.dataType())
                && FLOATS.contains(scores.dataType())
                && (labels.dataType() == DataType.INT64 || labels.dataType() == DataType.INT32);
        long[] shape = boxes.shape();
        return types
                && shape.length == 2
                && shape[1] == 4
                && List.of(labels, scores).stream()
                        .allMatch(each -> each.shape().length == 1 && each.elements() == shape[0]);
    }

    private static long[] longs(Tensor labels) {
        if (labels.dataType() == DataType.INT64) {
            return labels.toLongArray();
        }
        int[] ints = labels.toIntArray();
        long[] longs = new long[ints.length];
        for (int i = 0; i < ints.length; i++) {
            longs[i] = ints[i];
        }
        return longs;
    }

    int count() {
        return scores.length;
    }

    float score(int i) {
        return scores[i];
    }

    int label(int i) {
        return Math.toIntExact(labels[i]);
    }

    Detection.Box box(int i) {
        return new Detection.Box(boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]);
    }
}
