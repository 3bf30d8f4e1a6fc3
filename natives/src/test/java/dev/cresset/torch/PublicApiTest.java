package dev.cresset.torch;

import dev.cresset.testing.PublicApiContract;

/** The names that natives exports. */
class PublicApiTest extends PublicApiContract {
    PublicApiTest() {
        super(Doctor.class, "dev.cresset.torch");
    }
}
