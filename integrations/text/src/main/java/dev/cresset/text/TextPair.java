package dev.cresset.text;

/**
 * Two texts that a model compares: a question and a passage, a premise and a conclusion.
 *
 * @param text the first
 * @param pair the second
 */
public record TextPair(String text, String pair) {}
