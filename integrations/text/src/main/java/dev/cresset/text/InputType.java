package dev.cresset.text;

/** What a text is in a search; models trained with prefixes tell the two apart by them. */
public enum InputType {
    /** What is searched with: a question. */
    QUERY,
    /** What is searched: a passage. */
    DOCUMENT
}
