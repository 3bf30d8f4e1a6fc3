@NullMarked
package dev.cresset.registry;

import org.jspecify.annotations.NullMarked;
