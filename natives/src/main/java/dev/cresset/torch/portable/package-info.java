/**
 * The portable engine, {@code torch-portable}: LibTorch through the presets' Java API, wherever the presets run. {@link
 * dev.cresset.torch.portable.PortableModel} loads and calls; {@link dev.cresset.torch.portable.PortableEffects} says by a
 * model's graph what its calls change. Every JavaCPP pointer is closed where it was made. Not exported.
 */
@NullMarked
package dev.cresset.torch.portable;

import org.jspecify.annotations.NullMarked;
