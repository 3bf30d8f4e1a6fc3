package dev.cresset.spark;

import dev.cresset.testing.PublicApiContract;

/** The names that spark exports. */
class PublicApiTest extends PublicApiContract {
    PublicApiTest() {
        super(ModelTransformer.class, "dev.cresset.spark");
    }
}
