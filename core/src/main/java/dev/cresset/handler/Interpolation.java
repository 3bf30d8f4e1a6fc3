package dev.cresset.handler;

import dev.cresset.internal.image.ResampleFilter;

/** How an image is resized: Pillow's filters, by torchvision's names. */
public enum Interpolation {
    /** The nearest pixel, as it is. */
    NEAREST,
    /** The mean of the pixels that fall into one. */
    BOX,
    /** Straight between the pixels: what TorchServe's handlers use. */
    BILINEAR,
    /** Sharper than bilinear, as far-reaching. */
    HAMMING,
    /** A cubic curve through the pixels. */
    BICUBIC,
    /** The sharpest and slowest. */
    LANCZOS;

    ResampleFilter filter() {
        return ResampleFilter.valueOf(name());
    }
}
