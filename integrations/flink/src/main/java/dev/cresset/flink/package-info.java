/**
 * Scores the records of Flink streams with PyTorch models. {@link dev.cresset.flink.Scoring} says how, and is put on a stream;
 * {@link dev.cresset.flink.ModelLocation} says where task managers find the model, and {@link dev.cresset.flink.OnFailure} what
 * becomes of a record that cannot be scored.
 *
 * <p>What is public here is a value that travels with the job: immutable, serialisable, built in {@code main}. What runs in task
 * managers is not public: a subtask has a {@code Scorer}, and all subtasks of a task manager share one open model by {@link
 * dev.cresset.registry.SharedModels}. Records, metrics and the user's functions belong to the task's thread; the threads of the model hand answers over
 * and touch nothing of Flink's but {@code ResultFuture}.
 */
@NullMarked
package dev.cresset.flink;

import org.jspecify.annotations.NullMarked;
