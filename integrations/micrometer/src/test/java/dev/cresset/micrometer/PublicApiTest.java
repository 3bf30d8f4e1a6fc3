package dev.cresset.micrometer;

import dev.cresset.testing.PublicApiContract;

/** The names that this module exports. */
class PublicApiTest extends PublicApiContract {
    PublicApiTest() {
        super(PredictorMeters.class, "dev.cresset.micrometer");
    }
}
