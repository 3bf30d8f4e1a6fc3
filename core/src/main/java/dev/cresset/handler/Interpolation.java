package dev.cresset.handler;

/** How an image is resized: Pillow's filters, by torchvision's names. */
public enum Interpolation {
    /** The nearest pixel, as it is. */
    NEAREST(0),
    /** The mean of the pixels that fall into one. */
    BOX(0.5),
    /** Straight between the pixels: what TorchServe's handlers use. */
    BILINEAR(1),
    /** Sharper than bilinear, as far-reaching. */
    HAMMING(1),
    /** A cubic curve through the pixels. */
    BICUBIC(2),
    /** The sharpest and slowest. */
    LANCZOS(3);

    private final double support;

    Interpolation(double support) {
        this.support = support;
    }

    /** How many pixels away a pixel still counts, when nothing is reduced. */
    double support() {
        return support;
    }

    /** How much a pixel counts that is this far away. (Pillow, {@code Resample.c}.) */
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
