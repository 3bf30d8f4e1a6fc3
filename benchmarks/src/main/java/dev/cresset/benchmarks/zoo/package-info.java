/**
 * A zoo of architectures that nobody tuned for, each computed by Cresset and by its peers. {@code zoo/make.py} makes the models,
 * {@code zoo.sh} runs {@link dev.cresset.benchmarks.zoo.Zoo}. Every side is a process of its own that takes its turn when it is told
 * to, so a machine that grows slower is nobody's advantage, and a side that dies is a row of the table.
 */
@NullMarked
package dev.cresset.benchmarks.zoo;

import org.jspecify.annotations.NullMarked;
