@NullMarked
package dev.cresset.internal.requests;

import org.jspecify.annotations.NullMarked;
