package dev.cresset.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What this module leaves alone. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.cresset.spark");

    @Test
    void engines_andInsides_areNotKnown() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.cresset.internal..", "dev.cresset.torch..", "dev.cresset.engine..")
                .check(CLASSES);
    }

    /** Catalyst's classes change with every version of Spark. */
    @Test
    void insidesOfSpark_areNotUsed() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.spark.sql.catalyst..",
                        "org.apache.spark.sql.classic..",
                        "org.apache.spark.sql.execution..")
                .check(CLASSES);
    }
}
