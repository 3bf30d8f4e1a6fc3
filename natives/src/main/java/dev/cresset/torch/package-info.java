/**
 * LibTorch behind the engine seam, twice. The bridge engine ({@code torch}) speaks to C++ of our own, one native call a
 * prediction; its library is there for Linux on x86-64. The portable engine ({@code torch-portable}) does the same through
 * the presets' Java API wherever the presets run. Both pass {@code EngineContractTest}.
 *
 * <ol>
 *   <li>{@code org.bytedeco.*} is known here and nowhere else.
 *   <li>One class loads ({@link NativeLibraries}), one declares the native functions ({@link Bridge}), one turns their
 *       failures into exceptions ({@link Reply}).
 *   <li>The bridge's hot path makes no JavaCPP pointer: each would take process-wide locks.
 *   <li>What Java and C++ hand each other is described once, in {@code wire.h}.
 * </ol>
 */
@NullMarked
package dev.cresset.torch;

import org.jspecify.annotations.NullMarked;
