package dev.cresset.handler;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * How a handler of images reads them and what it answers, where it is not to be TorchServe's way. An archive says it in the
 * section {@code handler} of its {@code model-config.yaml}, under the names in brackets; what is set here comes last:
 *
 * <pre>{@code
 * ImageClassifier.of(archive, ImageOptions.builder().topK(3).resize(232).build())
 * }</pre>
 *
 * <p>Immutable, safe for use by several threads. A handler refuses an option that it does not have.
 */
public final class ImageOptions {

    private static final ImageOptions NONE = builder().build();

    private final List<Consumer<ResolvedImageOptions>> changes;

    private ImageOptions(Builder builder) {
        this.changes = List.copyOf(builder.changes);
    }

    /** Nothing is set: the archive's settings count, and TorchServe's defaults. */
    public static ImageOptions none() {
        return NONE;
    }

    /** Starts with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    void applyTo(ResolvedImageOptions options) {
        changes.forEach(change -> change.accept(options));
    }

    /**
     * Collects what is set. Each method throws an {@link IllegalArgumentException} for a value out of range. Not safe for use by
     * several threads.
     */
    public static final class Builder {
        private final List<Consumer<ResolvedImageOptions>> changes = new ArrayList<>();

        private Builder() {}

        /** How many classes a classifier answers with at most ({@code top_k}); 5. */
        public Builder topK(int most) {
            return with(options -> options.topK(most));
        }

        /** What is left out: answers less sure than this ({@code threshold}); 0.5 for a detector, 0 for a classifier. */
        public Builder threshold(float least) {
            return with(options -> options.threshold(least));
        }

        /** To how many pixels the shorter side is brought ({@code resize}); 256. */
        public Builder resize(int shorterSide) {
            return with(options -> options.resize(shorterSide));
        }

        /** How wide and high the part is that is cut out of the middle then ({@code crop}); 224. */
        public Builder crop(int side) {
            return with(options -> options.crop(side));
        }

        /** What is subtracted from each colour, whose range is 0 to 1 ({@code mean}); ImageNet's 0.485, 0.456, 0.406. */
        public Builder mean(float red, float green, float blue) {
            return with(options -> options.mean(red, green, blue));
        }

        /** What each colour is divided by then ({@code std}); ImageNet's 0.229, 0.224, 0.225. */
        public Builder std(float red, float green, float blue) {
            return with(options -> options.std(red, green, blue));
        }

        /** How images are resized ({@code interpolation}); bilinear. */
        public Builder interpolation(Interpolation filter) {
            return with(options -> options.interpolation(filter));
        }

        /** Which of the archive's files names the classes ({@code labels}); {@code index_to_name.json}, if it is there. */
        public Builder labels(String file) {
            return with(options -> options.labels(file));
        }

        /** How many pixels an image may claim to have before it is refused ({@code max_pixels}); 178,956,970 as in Pillow. */
        public Builder maxPixels(long most) {
            return with(options -> options.maxPixels(most));
        }

        private Builder with(Consumer<ResolvedImageOptions> change) {
            change.accept(ResolvedImageOptions.ofAny());
            changes.add(change);
            return this;
        }

        /** The options. */
        public ImageOptions build() {
            return new ImageOptions(this);
        }
    }
}
