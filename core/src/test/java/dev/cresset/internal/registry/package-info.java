/** Tests of what a registry does without knowing of models. */
@NullMarked
package dev.cresset.internal.registry;

import org.jspecify.annotations.NullMarked;
