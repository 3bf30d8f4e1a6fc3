package dev.cresset.internal.image;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * torchvision's transform for ImageNet models, on PIL images, bit for bit: {@code Resize(size)}, {@code CenterCrop(size)},
 * {@code ToTensor()}, {@code Normalize(mean, std)}. (torchvision 0.25, {@code transforms/functional.py}.)
 *
 * <p>Hot path: rows go from the decoder's memory to the tensor's one at a time, and what is needed between the two is kept
 * for the next image. Safe for use by several threads.
 */
public final class ImageTransform {

    /** What one thread's memory for an odd image may grow to and still be kept. */
    private static final long MOST_KEPT = 4 << 20;

    private final int shorterSide;
    private final int crop;
    private final ResampleFilter filter;
    /** What a byte becomes, for each channel: there are only 256 of them. */
    private final float[][] normalised = new float[3][256];

    private final ConcurrentLinkedQueue<Workspace> idle = new ConcurrentLinkedQueue<>();

    /** What one thread needs to transform an image. */
    private static final class Workspace {
        final PillowResize resize = new PillowResize();
        byte[] rgb = {};
        float[] planeRow = {};

        float[] planeRow(int length) {
            planeRow = planeRow.length < length ? new float[length] : planeRow;
            return planeRow;
        }

        byte[] rgb(int length) {
            rgb = rgb.length < length ? new byte[length] : rgb;
            return rgb;
        }

        long kept() {
            return resize.kept() + rgb.length + 4L * planeRow.length;
        }
    }

    /**
     * A transform.
     *
     * @param shorterSide what the shorter side is resized to
     * @param crop the height and width of what is cut out of the middle; where the image is smaller, it gets black edges
     * @param mean what is subtracted, for red, green and blue
     * @param std what is divided by then
     * @param filter how the image is resized
     */
    public ImageTransform(int shorterSide, int crop, float[] mean, float[] std, ResampleFilter filter) {
        if (shorterSide < 1 || crop < 1) {
            throw new IllegalArgumentException("resizing to " + shorterSide + " and cropping to " + crop);
        }
        this.shorterSide = shorterSide;
        this.crop = crop;
        this.filter = filter;
        for (int c = 0; c < 3; c++) {
            if (std[c] == 0) {
                throw new IllegalArgumentException("a deviation of 0, by which nothing can be divided");
            }
            for (int value = 0; value < 256; value++) {
                normalised[c][value] = (value / 255f - mean[c]) / std[c];
            }
        }
    }

    /** The height and width of what comes out. */
    public int size() {
        return crop;
    }

    /** Writes the image as three planes, red, green and blue, from the buffer's start. */
    public void write(RgbRows image, FloatBuffer planes) {
        Workspace workspace = take();
        write(image, planes, workspace);
        giveBack(workspace);
    }

    private Workspace take() {
        Workspace workspace = idle.poll();
        return workspace == null ? new Workspace() : workspace;
    }

    private void giveBack(Workspace workspace) {
        if (workspace.kept() <= MOST_KEPT) {
            idle.add(workspace);
        }
    }

    private void write(RgbRows image, FloatBuffer planes, Workspace workspace) {
        PillowResize.Window window = window(image);
        // Of an odd number of black rows or columns the greater half comes behind.
        int left = (crop - window.columns()) / 2;
        int top = (crop - window.rows()) / 2;
        float[] planeRow = workspace.planeRow(crop);
        blacken(planes, 0, top, planeRow);
        blacken(planes, top + window.rows(), crop, planeRow);
        int columns = window.columns();
        workspace.resize.resize(image, filter, window, (y, samples) -> {
            for (int c = 0; c < 3; c++) {
                float[] table = normalised[c];
                if (columns < crop) {
                    Arrays.fill(planeRow, table[0]);
                }
                lookUp(table, samples, c * columns, columns, planeRow, left);
                planes.put((c * crop + top + y) * crop, planeRow, 0, crop);
            }
        });
    }

    private static void lookUp(float[] table, int[] samples, int from, int count, float[] out, int to) {
        for (int i = 0; i < count; i++) {
            out[to + i] = table[samples[from + i]];
        }
    }

    private void blacken(FloatBuffer planes, int from, int to, float[] planeRow) {
        for (int c = 0; c < 3 && from < to; c++) {
            Arrays.fill(planeRow, normalised[c][0]);
            for (int y = from; y < to; y++) {
                planes.put((c * crop + y) * crop, planeRow, 0, crop);
            }
        }
    }

    /** Writes an image as it is, its colours scaled to 0..1: {@code ToTensor()} alone. */
    public void writeWhole(RgbRows image, FloatBuffer planes) {
        int width = image.width();
        Workspace workspace = take();
        byte[] rgb = workspace.rgb(3 * width);
        float[] planeRow = workspace.planeRow(width);
        for (int y = 0; y < image.height(); y++) {
            image.read(y, 0, width, rgb);
            for (int c = 0; c < 3; c++) {
                for (int x = 0; x < width; x++) {
                    planeRow[x] = (rgb[3 * x + c] & 0xff) / 255f;
                }
                planes.put((c * image.height() + y) * width, planeRow, 0, width);
            }
        }
        giveBack(workspace);
    }

    /** Which part of the resized image is to be seen: the middle of it, as far as it goes. */
    PillowResize.Window window(RgbRows image) {
        long width = resized(image.width(), image.height());
        long height = resized(image.height(), image.width());
        int columns = (int) Math.min(width, crop);
        int rows = (int) Math.min(height, crop);
        return new PillowResize.Window(width, height, offset(width, columns), offset(height, rows), columns, rows);
    }

    /** The new length of one side: the shorter gets the target, the longer keeps the ratio, rounded down. */
    private long resized(int side, int other) {
        return side <= other ? shorterSide : (long) ((double) ((long) shorterSide * side) / other);
    }

    /** Python rounds a half to the even neighbour. */
    private static long offset(long size, int visible) {
        return (long) Math.rint((size - visible) / 2.0);
    }
}
