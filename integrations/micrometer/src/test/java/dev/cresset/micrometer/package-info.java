/** What registries show of a predictor. */
@NullMarked
package dev.cresset.micrometer;

import org.jspecify.annotations.NullMarked;
