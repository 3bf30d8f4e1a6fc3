/**
 * JSON of requests and answers as Python reads and writes it: nested lists of numbers into tensors and back, and the digits
 * of Python's floats. Knows no handlers. What cannot be read is an {@link dev.cresset.InvalidInputException} that says where.
 * Not exported.
 */
@NullMarked
package dev.cresset.internal.json;

import org.jspecify.annotations.NullMarked;
