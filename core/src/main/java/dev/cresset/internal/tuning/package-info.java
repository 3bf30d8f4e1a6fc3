/**
 * How a model is computed: candidates are timed against one another on samples, must agree with the plain module on them and
 * on special values, and the choice is remembered by model and CPU. Sees engines' models only. Not exported.
 */
@NullMarked
package dev.cresset.internal.tuning;

import org.jspecify.annotations.NullMarked;
