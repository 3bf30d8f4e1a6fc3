@NullMarked
package dev.cresset.torch.libraries;

import org.jspecify.annotations.NullMarked;
