package dev.cresset.codecs;

import dev.cresset.testing.PublicApiContract;

/** The names that codecs exports. */
class PublicApiTest extends PublicApiContract {
    PublicApiTest() {
        super(InferRequest.class, "dev.cresset.codecs");
    }
}
