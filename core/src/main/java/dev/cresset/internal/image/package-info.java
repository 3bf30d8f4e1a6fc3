/**
 * From the bytes of a picture to rows of a tensor: JPEG and PNG are decoded row by row, resized as Pillow does, scaled as
 * torchvision does; every step gives their own numbers. Knows no handlers and no models. What cannot be decoded is an {@code
 * ImageFormatException}; handlers make a caller's error of it. Not exported.
 */
@NullMarked
package dev.cresset.internal.image;

import org.jspecify.annotations.NullMarked;
