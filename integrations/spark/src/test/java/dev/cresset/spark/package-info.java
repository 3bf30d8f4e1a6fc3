/** Tests with real Spark: sessions in this JVM, and a cluster whose executors are JVMs of their own. */
@NullMarked
package dev.cresset.spark;

import org.jspecify.annotations.NullMarked;
