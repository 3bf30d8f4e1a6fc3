/** Finding what offers a service. */
@NullMarked
package dev.cresset.internal.services;

import org.jspecify.annotations.NullMarked;
