/**
 * One prediction, timed through Cresset and through its peers: the same models, the same input, one thread. A class a peer,
 * because two builds of LibTorch do not live in one process; JMH forks a process for each. Every benchmark compares its
 * answer with the recorded one before it is timed. {@code run.sh} runs them all and prints the table.
 */
@NullMarked
package dev.cresset.benchmarks;

import org.jspecify.annotations.NullMarked;
