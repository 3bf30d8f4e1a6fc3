@NullMarked
package dev.cresset.internal.tuning;

import org.jspecify.annotations.NullMarked;
