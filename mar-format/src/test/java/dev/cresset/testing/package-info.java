/** What the tests of all modules share: the public names of each are those that its {@code api.txt} lists. */
@NullMarked
package dev.cresset.testing;

import org.jspecify.annotations.NullMarked;
