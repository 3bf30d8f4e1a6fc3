/** Tests, as an application of Spring AI would call it. */
@NullMarked
package dev.cresset.spring.ai;

import org.jspecify.annotations.NullMarked;
