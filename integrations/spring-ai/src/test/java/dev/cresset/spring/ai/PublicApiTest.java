package dev.cresset.spring.ai;

import dev.cresset.testing.PublicApiContract;

/** The names that spring-ai exports. */
class PublicApiTest extends PublicApiContract {
    PublicApiTest() {
        super(CressetEmbeddingModel.class, "dev.cresset.spring.ai");
    }
}
