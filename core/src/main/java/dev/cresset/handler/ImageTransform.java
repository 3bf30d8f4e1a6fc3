package dev.cresset.handler;

import java.nio.FloatBuffer;

/**
 * torchvision's transform for ImageNet models, on PIL images, bit for bit: {@code Resize(256)}, {@code CenterCrop(224)},
 * {@code ToTensor()}, {@code Normalize(mean, std)}. (torchvision 0.25, {@code transforms/functional.py}.)
 *
 * <p>Immutable, safe for use by several threads.
 */
final class ImageTransform {

    /** What TorchServe's {@code image_classifier} does. */
    static final ImageTransform IMAGENET =
            new ImageTransform(256, 224, new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});

    private final int shorterSide;
    private final int crop;
    /** What a byte becomes, for each channel: there are only 256 of them. */
    private final float[][] normalised = new float[3][256];

    private ImageTransform(int shorterSide, int crop, float[] mean, float[] std) {
        this.shorterSide = shorterSide;
        this.crop = crop;
        for (int c = 0; c < 3; c++) {
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

    /** The pixels after resizing and cropping. */
    RgbImage resizeAndCrop(RgbImage image) {
        int width = resized(image.width(), image.height());
        int height = resized(image.height(), image.width());
        // The shorter side is larger than the crop, so that nothing needs padding.
        return PillowResize.resize(image, width, height, offset(width, crop), offset(height, crop), crop, crop);
    }

    /** The new length of one side: the shorter gets the target, the longer keeps the ratio, rounded down. */
    int resized(int side, int other) {
        return side <= other ? shorterSide : (int) ((double) ((long) shorterSide * side) / other);
    }

    /** Python rounds a half to the even neighbour. */
    private static int offset(int size, int crop) {
        return (int) Math.rint((size - crop) / 2.0);
    }
}
