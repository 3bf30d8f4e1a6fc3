package dev.cresset;

import dev.cresset.testing.PublicApiContract;

/** The names that core exports. */
class PublicApiTest extends PublicApiContract {
    PublicApiTest() {
        super(
                Model.class,
                "dev.cresset",
                "dev.cresset.config",
                "dev.cresset.engine",
                "dev.cresset.handler",
                "dev.cresset.probe",
                "dev.cresset.registry",
                "dev.cresset.tensor");
    }
}
