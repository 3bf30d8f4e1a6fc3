package dev.cresset.langchain4j;

import dev.cresset.testing.PublicApiContract;

/** The names that langchain4j exports. */
class PublicApiTest extends PublicApiContract {
    PublicApiTest() {
        super(CressetEmbeddingModel.class, "dev.cresset.langchain4j");
    }
}
