@NullMarked
package dev.cresset.internal.trust;

import org.jspecify.annotations.NullMarked;
