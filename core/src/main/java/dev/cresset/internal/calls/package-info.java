/**
 * A call of a model, before and while native code sees it: arguments are checked against the signature, their memory is
 * counted as in use until the call ends, and a prepared call keeps both from one run to the next. Knows engines, not how
 * models are loaded. Not exported.
 */
@NullMarked
package dev.cresset.internal.calls;

import org.jspecify.annotations.NullMarked;
