/**
 * The files that have to be in a process before a model is: where LibTorch, the bridge and CUDA's libraries come from, how they
 * are unpacked, whether they are the right ones, and what it means if they cannot be loaded. {@link
 * dev.cresset.torch.libraries.NativeLibraries} is the one that loads, {@link dev.cresset.torch.libraries.Linker} how
 * (docs/decisions/013-class-loaders.md). Knows nothing of models and engines. Not exported.
 */
@NullMarked
package dev.cresset.torch.libraries;

import org.jspecify.annotations.NullMarked;
