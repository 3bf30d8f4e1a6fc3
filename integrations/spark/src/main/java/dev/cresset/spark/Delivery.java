package dev.cresset.spark;

import java.util.Arrays;

/** How a model's file reaches the executors, as the transformer's parameter says it. */
enum Delivery {
    BROADCAST("broadcast"),
    PATH("path"),
    SPARK_FILE("sparkFile");

    private final String text;

    Delivery(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    static Delivery of(String text) {
        return Arrays.stream(values())
                .filter(one -> one.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "delivery is '" + text + "', it must be one of broadcast, path, sparkFile"));
    }
}
