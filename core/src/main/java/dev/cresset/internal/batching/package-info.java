/**
 * Puts requests together and runs them. Knows rows of memory and who waits for them; nothing of requests, answers, handlers or archives.
 *
 * <p>A row's way: its caller claims it in a {@link dev.cresset.internal.batching.Lane}'s open batch, writes it, and hands it
 * over with a {@link dev.cresset.internal.batching.Ticket}. Whoever has a permit to run (one of the {@link
 * dev.cresset.internal.batching.Workers}, or a caller that would otherwise wait) closes the batch, runs it in one native
 * call and tells the tickets. The readers of its output give the memory back.
 *
 * <p>User code never runs under a lock here, for there is none: what threads share is handed over by atomic steps, each
 * told where it is made.
 */
@NullMarked
package dev.cresset.internal.batching;

import org.jspecify.annotations.NullMarked;
