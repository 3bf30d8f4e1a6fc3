package dev.cresset.flink;

import dev.cresset.testing.PublicApiContract;

/** The names that this module exports. */
class PublicApiTest extends PublicApiContract {
    PublicApiTest() {
        super(Scoring.class, "dev.cresset.flink");
    }
}
