@NullMarked
package dev.cresset.torch.portable;

import org.jspecify.annotations.NullMarked;
