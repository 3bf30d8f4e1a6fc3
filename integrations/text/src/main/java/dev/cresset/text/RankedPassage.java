package dev.cresset.text;

/**
 * A passage's place in a ranking.
 *
 * @param index which of the passages it is, the first being 0
 * @param score how well it fits
 */
public record RankedPassage(int index, float score) {}
