package dev.cresset.spring.ai;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What keeps this module thin, and without a web layer. */
class ArchitectureTest {

    @Test
    void module_needsNothingBesideTextAndSpring() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "dev.cresset",
                        "dev.cresset.text",
                        "dev.cresset.spring.ai",
                        "org.springframework.ai..",
                        "org.springframework.beans..",
                        "org.springframework.boot..",
                        "org.springframework.context..",
                        "io.micrometer.observation..",
                        "org.jspecify..")
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("dev.cresset.spring.ai"));
    }
}
