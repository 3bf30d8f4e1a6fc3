/**
 * What a predictor does with requests: the handler writes each into a row of a batch, the row runs, the handler reads its
 * part of the output; futures, deadlines and counting around it. Sees a model as its name, its parameters and what prepares its
 * calls. Not exported.
 */
@NullMarked
package dev.cresset.internal.requests;

import org.jspecify.annotations.NullMarked;
