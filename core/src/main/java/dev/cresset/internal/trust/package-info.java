/**
 * What is looked at in a saved module before an engine sees it: the checksums of all its entries, and, where nobody vouches
 * for it, what its source calls, each operator held against one list. Pure reading; runs nothing. A refusal is a {@link dev.cresset.ModelLoadException} that names operator
 * and method. Not exported.
 */
@NullMarked
package dev.cresset.internal.trust;

import org.jspecify.annotations.NullMarked;
