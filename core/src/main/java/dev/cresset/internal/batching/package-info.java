/**
 * Puts requests together and runs them. Knows rows of memory and who waits for them; nothing of requests, answers, handlers or archives.
 *
 * <p>A row's way: its caller claims it in a {@link dev.cresset.internal.batching.ShapeQueue}'s open batch, writes it, and hands it
 * over with a {@link dev.cresset.internal.batching.RowTicket}. Whoever has a permit to run (one of the {@link
 * dev.cresset.internal.batching.WorkerPool}, or a caller that would otherwise wait) closes the batch, runs it in one native
 * call and tells the tickets. The readers of its output give the memory back.
 *
 * <p>The words:
 *
 * <ul>
 *   <li>item: what one caller asks, without the dimension that counts items; row: its index in a batch's tensors
 *   <li>layout: types and shapes of an item's arguments; only rows of one layout go together, in a queue of their own ({@link
 *       dev.cresset.internal.batching.ShapeQueue})
 *   <li>batch: the rows that one native call runs; bucket: a size of batch that calls are prepared for, the rows beyond those
 *       that were asked being padding
 *   <li>claim: a row that its caller writes now; ticket: a row that is written, and its caller's wait for the output
 *   <li>slot: the right to wait in the queue, which an item holds from the time that it is asked until its row is taken
 *   <li>permit: the right to run one batch; there are as many as workers
 *   <li>replica: a copy of the model on a device of its own, where batches are run ({@link
 *       dev.cresset.internal.batching.Replica})
 *   <li>quick: a model whose run is shorter than waking a thread, so that callers run it themselves ({@link
 *       dev.cresset.internal.batching.RunProfile} measures it)
 * </ul>
 *
 * <p>User code never runs under a lock here: three short ones guard lists that seldom change, and all else that threads
 * share is handed over by atomic steps, each told where it is made.
 */
@NullMarked
package dev.cresset.internal.batching;

import org.jspecify.annotations.NullMarked;
