package dev.cresset.text;

/**
 * The tokens of a text, and how long it is to be for the model.
 *
 * @param tokens what the text came to
 * @param length what it is filled up to, at least its own length
 */
record FilledEncoding(Encoding tokens, int length) {}
