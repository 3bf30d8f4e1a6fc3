@NullMarked
package dev.cresset.probe;

import org.jspecify.annotations.NullMarked;
