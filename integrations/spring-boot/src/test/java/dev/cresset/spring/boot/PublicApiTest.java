package dev.cresset.spring.boot;

import dev.cresset.testing.PublicApiContract;

/** The names that the Spring Boot module exports. */
class PublicApiTest extends PublicApiContract {
    PublicApiTest() {
        super(CressetAutoConfiguration.class, "dev.cresset.spring.boot");
    }
}
