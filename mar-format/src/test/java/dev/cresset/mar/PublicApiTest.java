package dev.cresset.mar;

import dev.cresset.testing.PublicApiContract;

/** The names that mar-format exports. */
class PublicApiTest extends PublicApiContract {
    PublicApiTest() {
        super(ModelArchive.class, "dev.cresset.mar", "dev.cresset.pt2");
    }
}
