/**
 * From a program of {@code torch.export} to what the bridge builds a module of: checked, in TorchScript's words, as flat as can be. Knows the
 * records of {@link dev.cresset.pt2} and nothing of LibTorch but names and numbers of its schemas; the native side ({@code
 * src/main/cpp/exported}) finds the operators. Not exported.
 */
@NullMarked
package dev.cresset.torch.exported;

import org.jspecify.annotations.NullMarked;
