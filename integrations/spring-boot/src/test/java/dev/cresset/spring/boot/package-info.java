@NullMarked
package dev.cresset.spring.boot;

import org.jspecify.annotations.NullMarked;
