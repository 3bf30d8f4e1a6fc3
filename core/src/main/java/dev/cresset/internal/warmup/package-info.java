/**
 * The samples that are answered before a predictor is handed out: read from the archive or given in code, and their answers
 * checked. Not exported.
 */
@NullMarked
package dev.cresset.internal.warmup;

import org.jspecify.annotations.NullMarked;
