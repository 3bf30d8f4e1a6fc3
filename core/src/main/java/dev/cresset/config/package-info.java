/** What can be set from outside of an application's code. Knows nothing else of Cresset, and may be named by all of it. */
@NullMarked
package dev.cresset.config;

import org.jspecify.annotations.NullMarked;
