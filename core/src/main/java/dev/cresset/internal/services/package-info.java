/**
 * What offers engines, handlers and envelopes, and what became of those that were lost. Needs nothing else of Cresset. Not exported.
 */
@NullMarked
package dev.cresset.internal.services;

import org.jspecify.annotations.NullMarked;
