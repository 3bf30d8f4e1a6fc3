/** What other peers wrote is read, and written as they write it; what is hostile is refused. */
@NullMarked
package dev.cresset.codecs;

import org.jspecify.annotations.NullMarked;
