@NullMarked
package dev.cresset.internal.warmup;

import org.jspecify.annotations.NullMarked;
