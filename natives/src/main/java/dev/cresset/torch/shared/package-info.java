/**
 * What both engines know of LibTorch: its numbers for types, what its complaints mean, and which files are not for it. Not
 * exported.
 */
@NullMarked
package dev.cresset.torch.shared;

import org.jspecify.annotations.NullMarked;
