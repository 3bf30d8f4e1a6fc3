package dev.cresset.text;

import dev.cresset.testing.PublicApiContract;

/** The names that text exports. */
class PublicApiTest extends PublicApiContract {
    PublicApiTest() {
        super(TextHandlers.class, "dev.cresset.text");
    }
}
