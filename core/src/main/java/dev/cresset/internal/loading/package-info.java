/**
 * From a file or an archive to a model that serves: the source is brought to where LibTorch reads it and checked on the way,
 * an engine is found and started, the module is loaded, tuned, and falls back to the plain way where the fast one fails. Knows
 * options and plans, neither {@code Model} nor {@code Predictor}. Not exported.
 */
@NullMarked
package dev.cresset.internal.loading;

import org.jspecify.annotations.NullMarked;
