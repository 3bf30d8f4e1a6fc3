/** An application that uses Cresset, from outside its packages: run in JVMs of its own. */
@NullMarked
package dev.cresset.consumer;

import org.jspecify.annotations.NullMarked;
