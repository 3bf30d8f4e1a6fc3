package dev.cresset.spring.boot;

import java.nio.file.Path;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Models that PyTorch made, and applications that have them. */
final class Fixtures {

    private static final Path FOLDER = Path.of(System.getProperty("cresset.fixtures"));

    private Fixtures() {}

    static Path fixture(String name) {
        return FOLDER.resolve(name);
    }

    /** An application with nothing but this module. */
    static ApplicationContextRunner application() {
        return new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(CressetAutoConfiguration.class));
    }

    /** With a model of rows of 30 numbers that is computed at once, without a search. */
    static ApplicationContextRunner withRisk() {
        return application().withPropertyValues(risk("risk"));
    }

    /** The properties of such a model. */
    static String[] risk(String name) {
        String prefix = "cresset.models." + name + ".";
        return new String[] {
            prefix + "path=" + fixture("risk/risk.pt"),
            prefix + "handler=floats",
            prefix + "inputs[0].shape=-1,30",
            prefix + "optimization=frozen"
        };
    }
}
