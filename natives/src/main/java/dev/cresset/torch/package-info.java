/**
 * LibTorch behind the engine seam, twice. The bridge engine ({@code torch}) speaks to C++ of our own, one native call a
 * prediction; its library is there for Linux on x86-64. The portable engine ({@code torch-portable}) does the same through
 * the presets' Java API wherever the presets run. Both pass {@code EngineContractTest}.
 *
 * <p>Here are the doors ({@link dev.cresset.torch.Doctor} and the providers of both engines) and the bridge engine, whose
 * native methods are bound to {@link dev.cresset.torch.Bridge} by its name. Rooms of their own have the portable engine
 * ({@code dev.cresset.torch.portable}), the files that have to be loaded first ({@code dev.cresset.torch.libraries}), programs
 * of {@code torch.export} ({@code dev.cresset.torch.exported}), and what both engines know of LibTorch ({@code
 * dev.cresset.torch.shared}).
 *
 * <ol>
 *   <li>{@code org.bytedeco.*} is known here and nowhere else.
 *   <li>One class loads ({@link dev.cresset.torch.libraries.NativeLibraries}), one declares the native functions ({@link
 *       Bridge}), one turns their failures into exceptions ({@link Reply}).
 *   <li>The bridge's hot path makes no JavaCPP pointer: each would take process-wide locks.
 *   <li>What Java and C++ hand each other is described once, in {@code wire.h}.
 * </ol>
 */
@NullMarked
package dev.cresset.torch;

import org.jspecify.annotations.NullMarked;
