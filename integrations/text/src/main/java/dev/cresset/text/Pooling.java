package dev.cresset.text;

/** How the vectors of a text's tokens become one vector. */
public enum Pooling {
    /** Their mean. */
    MEAN,
    /** That of the first token, which is {@code [CLS]} or {@code <s>} for most models. */
    CLS
}
