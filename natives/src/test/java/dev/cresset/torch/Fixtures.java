package dev.cresset.torch;

import java.nio.file.Path;

/** Where fixtures are. It needs nothing else of the tests, so that a child JVM without them can ask, too. */
final class Fixtures {

    private Fixtures() {}

    static Path path(String name) {
        return Path.of(System.getProperty("cresset.fixtures")).resolve(name);
    }
}
