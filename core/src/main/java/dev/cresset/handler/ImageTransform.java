package dev.cresset.handler;

import java.nio.FloatBuffer;

/**
 * torchvision's transform for ImageNet models, on PIL images, bit for bit: {@code Resize(size)}, {@code CenterCrop(size)},
 * {@code ToTensor()}, {@code Normalize(mean, std)}. (torchvision 0.25, {@code transforms/functional.py}.)
 *
 * <p>Immutable, safe for use by several threads.
 */
final class ImageTransform {

    /** What TorchServe's {@code image_classifier} does. */
    static final ImageTransform IMAGENET = ImageOptions.ofClassifier().transform();

    private final int shorterSide;
    private final int crop;
    private final Interpolation interpolation;
    /** What a byte becomes, for each channel: there are only 256 of them. */
    private final float[][] normalised = new float[3][256];

    /**
     * A transform.
     *
     * @param shorterSide what the shorter side is resized to
     * @param crop the height and width of what is cut out of the middle; where the image is smaller, it gets black edges
     * @param mean what is subtracted, for red, green and blue
     * @param std what is divided by then
     * @param interpolation how the image is resized
     */
    ImageTransform(int shorterSide, int crop, float[] mean, float[] std, Interpolation interpolation) {
        if (shorterSide < 1 || crop < 1) {
            throw new IllegalArgumentException("resizing to " + shorterSide + " and cropping to " + crop);
        }
        this.shorterSide = shorterSide;
        this.crop = crop;
        this.interpolation = interpolation;
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
    int size() {
        return crop;
    }

    /** Writes the image as three planes, red, green and blue, from the buffer's start. */
    void write(RgbImage image, FloatBuffer planes) {
        RgbImage cropped = resizeAndCrop(image);
        byte[] rgb = cropped.rgb();
        float[] row = new float[crop];
        for (int c = 0; c < 3; c++) {
            float[] table = normalised[c];
            for (int y = 0; y < crop; y++) {
                for (int x = 0; x < crop; x++) {
                    row[x] = table[rgb[(y * crop + x) * 3 + c] & 0xff];
                }
                planes.put((c * crop + y) * crop, row);
            }
        }
    }

    /** Writes an image as it is, its colours scaled to 0..1: {@code ToTensor()} alone. */
    static void scale(RgbImage image, FloatBuffer planes) {
        byte[] rgb = image.rgb();
        float[] row = new float[image.width()];
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < image.height(); y++) {
                for (int x = 0; x < row.length; x++) {
                    row[x] = (rgb[(y * row.length + x) * 3 + c] & 0xff) / 255f;
                }
                planes.put((c * image.height() + y) * row.length, row);
            }
        }
    }

    /** The pixels after resizing and cropping. */
    RgbImage resizeAndCrop(RgbImage image) {
        long width = resized(image.width(), image.height());
        long height = resized(image.height(), image.width());
        int visibleWidth = (int) Math.min(width, crop);
        int visibleHeight = (int) Math.min(height, crop);
        RgbImage visible = PillowResize.resize(
                image,
                interpolation,
                width,
                height,
                offset(width, visibleWidth),
                offset(height, visibleHeight),
                visibleWidth,
                visibleHeight);
        return visibleWidth == crop && visibleHeight == crop ? visible : pad(visible);
    }

    /** The new length of one side: the shorter gets the target, the longer keeps the ratio, rounded down. */
    long resized(int side, int other) {
        return side <= other ? shorterSide : (long) ((double) ((long) shorterSide * side) / other);
    }

    /** Python rounds a half to the even neighbour. */
    private static long offset(long size, int visible) {
        return (long) Math.rint((size - visible) / 2.0);
    }

    /** Black on all sides; of an odd number of rows or columns the greater half comes behind. */
    private RgbImage pad(RgbImage image) {
        int left = (crop - image.width()) / 2;
        int top = (crop - image.height()) / 2;
        byte[] rgb = new byte[crop * crop * 3];
        int rowBytes = image.width() * 3;
        for (int y = 0; y < image.height(); y++) {
            System.arraycopy(image.rgb(), y * rowBytes, rgb, ((top + y) * crop + left) * 3, rowBytes);
        }
        return new RgbImage(crop, crop, rgb);
    }
}
