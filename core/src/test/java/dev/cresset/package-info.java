/** Tests of models and predictors, over the fake engine. */
@NullMarked
package dev.cresset;

import org.jspecify.annotations.NullMarked;
