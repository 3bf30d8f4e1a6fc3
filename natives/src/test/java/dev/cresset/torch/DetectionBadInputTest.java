package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.InferenceException;
import dev.cresset.Model;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** torchvision's operators refuse what they cannot compute: an error that names the argument, and the process lives on. */
class DetectionBadInputTest {

    private static final long HUGE = 1L << 40;
    private static final long INT_MAX = Integer.MAX_VALUE;

    private final Model operators;

    DetectionBadInputTest() throws IOException {
        operators = Model.open(TorchContractTest.fixture("vision/operators.pt"));
    }

    @AfterEach
    void stillWorks() {
        try (operators;
                Value kept = operators.forward(zeros(2, 4), zeros(2), Value.of(0.5))) {
            assertThat(kept.asTensor().shape()).containsExactly(2);
        }
    }

    private void refused(String reason, String method, Value... arguments) {
        assertThatThrownBy(() -> operators.invoke(method, arguments).close())
                .as("%s%s", method, Arrays.asList(arguments))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("operators.pt: " + method)
                .hasMessageContaining(reason);
    }

    private static Tensor zeros(long... shape) {
        return Tensor.allocate(DataType.FLOAT32, shape);
    }

    private static Tensor region(float picture, float x1, float y1, float x2, float y2) {
        return Tensor.of(new float[] {picture, x1, y1, x2, y2}, 1, 5);
    }

    private static Value pair(long first, long second) {
        return Value.tuple(Value.of(first), Value.of(second));
    }

    @Test
    void nms_boxesOfAnotherShape() {
        refused("dets have shape [4], expected [boxes, 4]", "forward", zeros(4), zeros(1), Value.of(0.5));
        refused("dets have shape [2, 5], expected [boxes, 4]", "forward", zeros(2, 5), zeros(2), Value.of(0.5));
        refused("dets have shape [], expected [boxes, 4]", "forward", zeros(), zeros(), Value.of(0.5));
    }

    @Test
    void nms_scoresThatAreNotTheBoxes() {
        refused("scores have shape [3], expected [2]", "forward", zeros(2, 4), zeros(3), Value.of(0.5));
        refused("scores have shape [2, 1], expected [2]", "forward", zeros(2, 4), zeros(2, 1), Value.of(0.5));
    }

    @Test
    void nms_otherTypes() {
        Tensor doubles = Tensor.allocate(DataType.FLOAT64, 2);
        Tensor whole = Tensor.allocate(DataType.INT64, 2, 4);
        Tensor halves = Tensor.allocate(DataType.FLOAT16, 2, 4);
        refused(
                "scores is Double and dets is Float, expected the same type",
                "forward",
                zeros(2, 4),
                doubles,
                Value.of(0.5));
        refused("not implemented for 'Long'", "forward", whole, Tensor.allocate(DataType.INT64, 2), Value.of(0.5));
        refused("not implemented for 'Half'", "forward", halves, Tensor.allocate(DataType.FLOAT16, 2), Value.of(0.5));
    }

    private void refusedRegions(String reason, Tensor pictures, Tensor regions) {
        refusedPooling(reason, pictures, regions, 1.0, 2, 2);
    }

    /** By all four operators over regions. */
    private void refusedPooling(String reason, Tensor pictures, Tensor regions, double scale, long height, long width) {
        Value scaled = Value.of(scale);
        Value rows = Value.of(height);
        Value columns = Value.of(width);
        refused(reason, "roi_align", pictures, regions, scaled, rows, columns, Value.of(2), Value.of(true));
        refused(reason, "ps_roi_align", pictures, regions, scaled, rows, columns, Value.of(2));
        refused(reason, "roi_pool", pictures, regions, scaled, rows, columns);
        refused(reason, "ps_roi_pool", pictures, regions, scaled, rows, columns);
    }

    @Test
    void regions_ofPicturesThatAreNotThere() {
        for (float picture : new float[] {2, -1, 1e9f, -1e30f, Float.POSITIVE_INFINITY, Float.NaN}) {
            refusedRegions("rois[0] is in picture ", zeros(2, 4, 3, 3), region(picture, 0, 0, 2, 2));
        }
        refusedRegions("there are 0", zeros(0, 4, 3, 3), region(0, 0, 0, 2, 2));
    }

    @Test
    void regions_withoutEnds() {
        for (float corner : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            for (int i = 0; i < 4; i++) {
                float[] row = {0, 0, 0, 2, 2};
                row[i + 1] = corner;
                refusedRegions("rois[0] has a corner at ", zeros(1, 4, 3, 3), Tensor.of(row, 1, 5));
            }
        }
    }

    @Test
    void regions_ofOtherShapes() {
        refusedRegions("rois have shape [1, 4], expected [regions, 5]", zeros(1, 4, 3, 3), zeros(1, 4));
        refusedRegions("rois have shape [5], expected [regions, 5]", zeros(1, 4, 3, 3), zeros(5));
        refusedRegions("input has shape [4, 3, 3], expected [pictures, ", zeros(4, 3, 3), zeros(1, 5));
        refusedRegions("expected planes that are not empty", zeros(1, 4, 0, 3), region(0, 0, 0, 2, 2));
    }

    @Test
    void regions_ofOtherTypes() {
        Tensor whole = Tensor.allocate(DataType.INT32, 1, 4, 3, 3);
        refusedRegions("rois is Double and input is Float", zeros(1, 4, 3, 3), Tensor.allocate(DataType.FLOAT64, 1, 5));
        refusedRegions("not implemented for 'Int'", whole, Tensor.allocate(DataType.INT32, 1, 5));
    }

    @Test
    void regions_pooledToNoSize() {
        Tensor pictures = zeros(1, 4, 3, 3);
        Tensor region = region(0, 0, 0, 2, 2);
        refusedPooling("the pooled size is -1 x 2", pictures, region, 1.0, -1, 2);
        refusedPooling("the pooled size is 2 x -9223372036854775808", pictures, region, 1.0, 2, Long.MIN_VALUE);
        refusedPooling("the pooled size is 1099511627776 x 2", pictures, region, 1.0, HUGE, 2);
        refused(
                "expected a multiple of the pooled size",
                "ps_roi_pool",
                pictures,
                region,
                Value.of(1.0),
                Value.of(0),
                Value.of(0));
        refused("input has 4 channels", "ps_roi_pool", pictures, region, Value.of(1.0), Value.of(3), Value.of(1));
        refused("", "roi_pool", pictures, region, Value.of(1.0), Value.of(INT_MAX), Value.of(INT_MAX));
    }

    @Test
    void regions_scaledToNoSize() {
        for (double scale : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1e300}) {
            refusedPooling("rois[0] ", zeros(1, 4, 3, 3), region(0, 1, 1, 2, 2), scale, 2, 2);
        }
    }

    @Test
    void roiAlign_moreSamplesThanMemoryHas() {
        Tensor pictures = zeros(1, 4, 3, 3);
        Value one = Value.of(1.0);
        Value two = Value.of(2);
        Tensor region = region(0, 0, 0, 2, 2);
        refused("samples each", "roi_align", pictures, region, one, two, two, Value.of(HUGE), Value.of(true));
        refused(
                "samples each",
                "roi_align",
                pictures,
                region(0, 0, 0, 1e9f, 2),
                one,
                two,
                two,
                Value.of(0),
                Value.of(true));
        refused(
                "a sampling ratio above zero takes fewer",
                "ps_roi_align",
                pictures,
                region(0, 0, 0, 5e5f, 5e5f),
                one,
                two,
                two,
                Value.of(-1));
    }

    @Test
    void roiPool_regionThatReachesTooFar() {
        refused(
                "expected less than 2^31 pixels",
                "roi_pool",
                zeros(1, 4, 3, 3),
                region(0, 0, 0, 1e20f, 2),
                Value.of(1.0),
                Value.of(2),
                Value.of(2));
    }

    /** A 2 x 2 convolution of two channels over planes of 3 x 3, but for what is given. */
    private void refusedConvolution(
            String reason, Tensor[] tensors, Value stride, Value pad, Value dilation, Value groups, boolean masked) {
        refused(reason, "deform_conv2d", Value.tuple(tensors), stride, pad, dilation, groups, Value.of(masked));
    }

    private void refusedTensor(String reason, int index, Tensor tensor) {
        Tensor[] tensors = convolution();
        tensors[index] = tensor;
        Value ones = pair(1, 1);
        refusedConvolution(reason, tensors, ones, pair(0, 0), ones, ones, true);
    }

    private static Tensor[] convolution() {
        return new Tensor[] {zeros(1, 2, 3, 3), zeros(3, 2, 2, 2), zeros(1, 8, 2, 2), zeros(1, 4, 2, 2), zeros(3)};
    }

    @Test
    void convolution_tensorsOfOtherShapes() {
        refusedTensor("input has shape [2, 3, 3], expected [pictures,", 0, zeros(2, 3, 3));
        refusedTensor("weight has shape [3, 2, 4], expected [channels out,", 1, zeros(3, 2, 4));
        refusedTensor("weight has shape [3, 1, 2, 2], which does not fit", 1, zeros(3, 1, 2, 2));
        refusedTensor("a size of weight is 0", 1, zeros(3, 2, 0, 2));
        refusedTensor("a weight of 4 x 4 does not fit", 1, zeros(3, 2, 4, 4));
        refusedTensor("offset has shape [1, 8, 2, 1], expected [1, 8, 2, 2]", 2, zeros(1, 8, 2, 1));
        refusedTensor("mask has shape [1, 1], expected [1, 4, 2, 2]", 3, zeros(1, 1));
        refusedTensor("bias has shape [2], expected [3]", 4, zeros(2));
    }

    @Test
    void convolution_tensorOfAnotherType() {
        refusedTensor("bias is Long and input is Float", 4, Tensor.allocate(DataType.INT64, 3));
        refusedTensor("mask is Double and input is Float", 3, Tensor.allocate(DataType.FLOAT64, 1, 4, 2, 2));
    }

    @Test
    void convolution_offsetThatIsNotANumber() {
        Tensor offset = zeros(1, 8, 2, 2);
        offset.asFloatBuffer().put(5, Float.NaN);
        refusedTensor("offset has a value that is not a number", 2, offset);
    }

    @Test
    void convolution_settingsOutOfRange() {
        Value zero = pair(0, 0);
        Value one = pair(1, 1);
        refusedConvolution("stride_h is 0", convolution(), zero, zero, one, one, true);
        refusedConvolution("stride_w is -1", convolution(), pair(1, -1), zero, one, one, true);
        refusedConvolution("pad_h is -1", convolution(), one, pair(-1, 0), one, one, true);
        refusedConvolution("pad_w is 1099511627776", convolution(), one, pair(0, HUGE), one, one, true);
        refusedConvolution("offset has shape", convolution(), one, pair(INT_MAX, INT_MAX), one, one, true);
        refusedConvolution("dilation_h is 0", convolution(), one, zero, zero, one, true);
        refusedConvolution("does not fit into planes", convolution(), one, zero, pair(INT_MAX, INT_MAX), one, true);
        refusedConvolution("groups is 0", convolution(), one, zero, one, pair(0, 1), true);
        refusedConvolution(
                "offset_groups is -9223372036854775808", convolution(), one, zero, one, pair(1, Long.MIN_VALUE), true);
        refusedConvolution("in 2147483647 groups", convolution(), one, zero, one, pair(INT_MAX, 1), true);
        refusedConvolution("expected a multiple of offset_groups", convolution(), one, zero, one, pair(1, 3), true);
    }
}
