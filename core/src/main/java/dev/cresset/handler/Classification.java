package dev.cresset.handler;

/**
 * One class that a model sees in an image.
 *
 * @param index the model's number of the class
 * @param label its name, or the number where the archive names none
 * @param probability how sure the model is, from 0 to 1
 */
public record Classification(int index, String label, float probability) {}
