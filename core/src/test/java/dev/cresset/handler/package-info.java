/** Tests of the handlers against what Pillow, torchvision and Python recorded. */
@NullMarked
package dev.cresset.handler;

import org.jspecify.annotations.NullMarked;
