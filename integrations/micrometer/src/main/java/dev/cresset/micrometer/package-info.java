/**
 * What predictors count, for Micrometer and whatever it reports to. Nothing here is on a prediction's way: meters read a
 * predictor's metrics when they are asked.
 */
@NullMarked
package dev.cresset.micrometer;

import org.jspecify.annotations.NullMarked;
