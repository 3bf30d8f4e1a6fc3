package dev.cresset.internal.image;

/** How much of each pixel goes into a resized one: Pillow's filters. (Pillow, {@code Resample.c}.) */
public enum ResampleFilter {
    NEAREST(0),
    BOX(0.5),
    BILINEAR(1),
    HAMMING(1),
    BICUBIC(2),
    LANCZOS(3);

    private final double support;

    ResampleFilter(double support) {
        this.support = support;
    }

    /** How many pixels away a pixel still counts, when nothing is reduced. */
    double support() {
        return support;
    }

    /** How much a pixel counts that is this far away. */
    double weight(double distance) {
        double x = Math.abs(distance);
        return switch (this) {
            case NEAREST -> throw new IllegalStateException("the nearest pixel is not weighed");
            case BOX -> distance > -0.5 && distance <= 0.5 ? 1 : 0;
            case BILINEAR -> x < 1 ? 1 - x : 0;
            case HAMMING -> hamming(x);
            case BICUBIC -> bicubic(x);
            case LANCZOS -> distance >= -3 && distance < 3 ? sinc(distance) * sinc(distance / 3) : 0;
        };
    }

    private static double hamming(double x) {
        if (x == 0) {
            return 1;
        }
        if (x >= 1) {
            return 0;
        }
        double angle = x * Math.PI;
        return Math.sin(angle) / angle * (0.54f + 0.46f * Math.cos(angle));
    }

    private static double bicubic(double x) {
        double a = -0.5;
        if (x < 1) {
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
    }
}
