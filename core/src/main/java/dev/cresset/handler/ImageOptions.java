package dev.cresset.handler;

import dev.cresset.internal.image.ImageDecoder;
import dev.cresset.internal.image.ImageTransform;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a handler of images reads them and what it answers: TorchServe's way, unless an archive or code says otherwise. An
 * archive says it in the section {@code handler} of its {@code model-config.yaml}, under the names in brackets; code comes
 * last:
 *
 * <pre>{@code
 * ImageClassifier.of(archive, options -> options.topK(3).resize(232))
 * }</pre>
 *
 * <p>Setters throw {@link IllegalArgumentException} for a value out of range, and for an option that the handler does not
 * have. Not safe for use by several threads; handlers copy what they need.
 */
public final class ImageOptions {

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

    private ImageOptions(String handler, Set<ImageOption> keys) {
        this.handler = handler;
        this.keys = keys;
    }

    static ImageOptions ofClassifier() {
        return new ImageOptions("image_classifier", EnumSet.allOf(ImageOption.class));
    }

    static ImageOptions ofSegmenter() {
        return new ImageOptions(
                "image_segmenter",
                EnumSet.complementOf(EnumSet.of(ImageOption.TOP_K, ImageOption.THRESHOLD, ImageOption.LABELS)));
    }

    static ImageOptions ofDetector() {
        return new ImageOptions(
                        "object_detector",
                        EnumSet.of(ImageOption.THRESHOLD, ImageOption.LABELS, ImageOption.MAX_PIXELS))
                .threshold(0.5f);
    }

    /** How many classes a classifier answers with at most ({@code top_k}); 5. */
    public ImageOptions topK(int most) {
        check(ImageOption.TOP_K, most >= 1, most);
        topK = most;
        return this;
    }

    /** What is left out: answers less sure than this ({@code threshold}); 0.5 for a detector, 0 for a classifier. */
    public ImageOptions threshold(float least) {
        check(ImageOption.THRESHOLD, least >= 0 && least <= 1, least);
        threshold = least;
        return this;
    }

    /** To how many pixels the shorter side is brought ({@code resize}); 256. */
    public ImageOptions resize(int shorterSide) {
        check(ImageOption.RESIZE, isSide(shorterSide), shorterSide);
        resize = shorterSide;
        return this;
    }

    /** How wide and high the part is that is cut out of the middle then ({@code crop}); 224. */
    public ImageOptions crop(int side) {
        check(ImageOption.CROP, isSide(side), side);
        crop = side;
        return this;
    }

    /** What is subtracted from each colour, whose range is 0 to 1 ({@code mean}); ImageNet's 0.485, 0.456, 0.406. */
    public ImageOptions mean(float red, float green, float blue) {
        List<Float> colours = List.of(red, green, blue);
        check(ImageOption.MEAN, colours.stream().allMatch(Float::isFinite), colours);
        mean = new float[] {red, green, blue};
        return this;
    }

    /** What each colour is divided by then ({@code std}); ImageNet's 0.229, 0.224, 0.225. */
    public ImageOptions std(float red, float green, float blue) {
        List<Float> colours = List.of(red, green, blue);
        check(ImageOption.STD, colours.stream().allMatch(c -> Float.isFinite(c) && c != 0), colours);
        std = new float[] {red, green, blue};
        return this;
    }

    /** How images are resized ({@code interpolation}); bilinear. */
    public ImageOptions interpolation(Interpolation filter) {
        check(ImageOption.INTERPOLATION, true, filter);
        interpolation = filter;
        return this;
    }

    /** Which of the archive's files names the classes ({@code labels}); {@code index_to_name.json}, if it is there. */
    public ImageOptions labels(String file) {
        check(ImageOption.LABELS, !file.isEmpty(), "''");
        labels = file;
        return this;
    }

    /** How many pixels an image may claim to have before it is refused ({@code max_pixels}); 178,956,970 as in Pillow. */
    public ImageOptions maxPixels(long most) {
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
