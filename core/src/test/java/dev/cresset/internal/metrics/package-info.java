/** What is counted, against what was recorded. */
@NullMarked
package dev.cresset.internal.metrics;

import org.jspecify.annotations.NullMarked;
