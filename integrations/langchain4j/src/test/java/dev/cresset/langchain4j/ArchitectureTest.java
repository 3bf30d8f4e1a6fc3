package dev.cresset.langchain4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What keeps this module thin. */
class ArchitectureTest {

    @Test
    void module_needsNothingBesideTextAndLangChain4j() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "dev.cresset",
                        "dev.cresset.text",
                        "dev.cresset.langchain4j",
                        "dev.langchain4j..",
                        "org.jspecify..")
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("dev.cresset.langchain4j"));
    }
}
