/** Tests of the runner, and the sample. */
@NullMarked
package dev.cresset.conformance;

import org.jspecify.annotations.NullMarked;
