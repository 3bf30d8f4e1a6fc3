@NullMarked
package dev.cresset.internal.image;

import org.jspecify.annotations.NullMarked;
