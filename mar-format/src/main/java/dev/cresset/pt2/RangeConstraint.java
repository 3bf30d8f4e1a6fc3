package dev.cresset.pt2;

import java.util.Optional;

/**
 * How small and how large a size may be.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param minVal the smallest; empty when there is none
 * @param maxVal the largest; empty when there is none
 */
public record RangeConstraint(Optional<Long> minVal, Optional<Long> maxVal) {}
