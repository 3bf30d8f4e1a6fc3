package dev.cresset.text;

/**
 * A stretch of a text that a model has a label for.
 *
 * @param label the label: {@code PER}, or {@code B-PER} where tokens are not put together
 * @param text the stretch, as it is in the text
 * @param probability how sure the model is, from 0 to 1; the mean of its tokens'
 * @param start where it starts in the text, as {@link String#substring(int, int)} counts
 * @param end where it ends: behind its last character
 */
public record Entity(String label, String text, float probability, int start, int end) {}
