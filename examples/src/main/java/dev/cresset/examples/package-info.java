/** Recipes: each class does one thing that users want, in a screenful to copy from. */
@NullMarked
package dev.cresset.examples;

import org.jspecify.annotations.NullMarked;
