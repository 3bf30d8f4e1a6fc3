package dev.cresset.internal.image;

/** The transforms that TorchServe's handlers use. */
final class Transforms {

    private Transforms() {}

    /** {@code image_classifier}'s. */
    static ImageTransform imagenet() {
        float[] mean = {0.485f, 0.456f, 0.406f};
        float[] std = {0.229f, 0.224f, 0.225f};
        return new ImageTransform(256, 224, mean, std, ResampleFilter.BILINEAR);
    }
}
