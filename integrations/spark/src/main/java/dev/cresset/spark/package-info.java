/**
 * Scores the rows of Spark's datasets with a model: {@link dev.cresset.spark.ModelTransformer} is a stage of Spark ML's
 * pipelines, {@link dev.cresset.spark.ModelFunction} a function for {@code mapPartitions} of datasets, streams and RDDs. The
 * first is made of the second.
 *
 * <ul>
 *   <li>An executor opens a model once: its tasks share a predictor, keyed by the file's SHA-256, which closes when the executor
 *       ends, or when no task has held it for a while.
 *   <li>The driver opens the model first. So a model that cannot be opened fails before a job begins, and the type of the
 *       answers is known.
 *   <li>A row that cannot be scored fails alone ({@link dev.cresset.spark.HandleInvalid}); what is nobody's row's fault (no
 *       memory, no engine) fails the task, and Spark tries it again.
 *   <li>Scoring a row changes nothing anywhere: a task may run twice, or be killed half-way.
 *   <li>Spark is the cluster's: a provided dependency.
 * </ul>
 */
@NullMarked
package dev.cresset.spark;

import org.jspecify.annotations.NullMarked;
