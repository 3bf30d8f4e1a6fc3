package dev.cresset.pt2;

import java.util.Optional;

/**
 * Where a tensor was when the program was exported.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param type such as {@code cpu}
 * @param index which of several; empty for the current one
 */
public record Device(String type, Optional<Long> index) {}
