/**
 * From a program's JSON to the records of {@link dev.cresset.pt2}.
 *
 * <p>Not exported: programs use {@link dev.cresset.pt2.Pt2Archive}.
 */
@NullMarked
package dev.cresset.pt2.internal;

import org.jspecify.annotations.NullMarked;
