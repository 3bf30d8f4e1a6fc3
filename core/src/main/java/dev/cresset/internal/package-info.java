/** What holds the public types together and is nobody else's: leases, and who resamples pixels. Not exported. */
@NullMarked
package dev.cresset.internal;

import org.jspecify.annotations.NullMarked;
