@NullMarked
package dev.cresset.internal.loading;

import org.jspecify.annotations.NullMarked;
