/** What a registry does without knowing of models: sharing out, and looking at a folder. */
@NullMarked
package dev.cresset.internal.registry;

import org.jspecify.annotations.NullMarked;
