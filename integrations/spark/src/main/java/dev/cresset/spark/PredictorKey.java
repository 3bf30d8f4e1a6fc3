package dev.cresset.spark;

import org.jspecify.annotations.Nullable;

/**
 * What makes two tasks share a predictor: the same model, asked the same way, by classes of the same class loader. A job that is
 * submitted again may bring its classes in a loader of its own, whose objects the other loader's handler does not know.
 *
 * @param model the SHA-256 of the model's file
 * @param handler the SHA-256 of the handler as it travels
 * @param classes the loader of the handler's class
 * @param batchSize how many rows go together at most
 */
record PredictorKey(String model, String handler, @Nullable ClassLoader classes, int batchSize) {}
