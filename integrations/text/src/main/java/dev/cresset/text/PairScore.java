package dev.cresset.text;

/**
 * How well two texts fit, and what it cost.
 *
 * @param score the higher, the better; from 0 to 1 where a sigmoid was applied
 * @param tokens how many tokens the model read, with those that the tokenizer added
 */
public record PairScore(float score, int tokens) {}
