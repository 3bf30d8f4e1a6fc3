package dev.cresset.text;

/** Whether neighbouring tokens of one label are one entity. The names are transformers' {@code aggregation_strategy}. */
public enum Aggregation {
    /** Each token is an entity of its own, with the model's own label: {@code B-PER}. */
    NONE,
    /** Tokens of one label are put together until another comes, or one that begins with {@code B-}. */
    SIMPLE
}
