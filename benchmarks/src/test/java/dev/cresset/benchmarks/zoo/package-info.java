@NullMarked
package dev.cresset.benchmarks.zoo;

import org.jspecify.annotations.NullMarked;
