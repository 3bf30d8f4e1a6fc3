package dev.cresset.handler;

import dev.cresset.internal.image.ImageDecoder;
import dev.cresset.internal.image.ImageTransform;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an images' handler does in the end: its own defaults, what the archive says, and {@link ImageOptions} over both. Used by
 * one thread; handlers copy what they need.
 */
final class ResolvedImageOptions {

    private final String handler;
    private final Set<ImageOption> keys;

    private int topK = 5;
    private float threshold;
    private int resize = 256;
    private int crop = 224;
    private float[] mean = {0.485f, 0.456f, 0.406f};
    private float[] std = {0.229f, 0.224f, 0.225f};
    private Interpolation interpolation = Interpolation.BILINEAR;
    private @Nullable String labels;
    private long maxPixels = ImageDecoder.PILLOW_MAX_PIXELS;

    private ResolvedImageOptions(String handler, Set<ImageOption> keys) {
        this.handler = handler;
        this.keys = keys;
    }

    static ResolvedImageOptions ofClassifier() {
        return new ResolvedImageOptions("image_classifier", EnumSet.allOf(ImageOption.class));
    }

    /** Of no handler, to try values with. */
    static ResolvedImageOptions ofAny() {
        return new ResolvedImageOptions("any handler", EnumSet.allOf(ImageOption.class));
    }

    static ResolvedImageOptions ofSegmenter() {
        return new ResolvedImageOptions(
                "image_segmenter",
                EnumSet.complementOf(EnumSet.of(ImageOption.TOP_K, ImageOption.THRESHOLD, ImageOption.LABELS)));
    }

    static ResolvedImageOptions ofDetector() {
        return new ResolvedImageOptions(
                        "object_detector",
                        EnumSet.of(ImageOption.THRESHOLD, ImageOption.LABELS, ImageOption.MAX_PIXELS))
                .threshold(0.5f);
    }

    ResolvedImageOptions topK(int most) {
        check(ImageOption.TOP_K, most >= 1, most);
        topK = most;
        return this;
    }

    ResolvedImageOptions threshold(float least) {
        check(ImageOption.THRESHOLD, least >= 0 && least <= 1, least);
        threshold = least;
        return this;
    }

    ResolvedImageOptions resize(int shorterSide) {
        check(ImageOption.RESIZE, isSide(shorterSide), shorterSide);
        resize = shorterSide;
        return this;
    }

    ResolvedImageOptions crop(int side) {
        check(ImageOption.CROP, isSide(side), side);
        crop = side;
        return this;
    }

    ResolvedImageOptions mean(float red, float green, float blue) {
        List<Float> colours = List.of(red, green, blue);
        check(ImageOption.MEAN, colours.stream().allMatch(Float::isFinite), colours);
        mean = new float[] {red, green, blue};
        return this;
    }

    ResolvedImageOptions std(float red, float green, float blue) {
        List<Float> colours = List.of(red, green, blue);
        check(ImageOption.STD, colours.stream().allMatch(c -> Float.isFinite(c) && c != 0), colours);
        std = new float[] {red, green, blue};
        return this;
    }

    ResolvedImageOptions interpolation(Interpolation filter) {
        check(ImageOption.INTERPOLATION, true, filter);
        interpolation = filter;
        return this;
    }

    ResolvedImageOptions labels(String file) {
        check(ImageOption.LABELS, !file.isEmpty(), "''");
        labels = file;
        return this;
    }

    ResolvedImageOptions maxPixels(long most) {
        check(ImageOption.MAX_PIXELS, most >= 1, most);
        maxPixels = most;
        return this;
    }

    private void check(ImageOption key, boolean good, Object value) {
        if (!keys.contains(key)) {
            throw new IllegalArgumentException(key + " is no option of " + handler + ", expected one of " + keys);
        }
        if (!good) {
            throw key.wrong(value);
        }
    }

    private static boolean isSide(int pixels) {
        return pixels >= 1 && pixels <= ImageOption.MOST_PIXELS_A_SIDE;
    }

    int topK() {
        return topK;
    }

    float threshold() {
        return threshold;
    }

    @Nullable
    String labels() {
        return labels;
    }

    ImageDecoder decoder() {
        return new ImageDecoder(maxPixels);
    }

    ImageTransform transform() {
        return new ImageTransform(resize, crop, mean, std, interpolation.filter());
    }
}
