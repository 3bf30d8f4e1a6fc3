package dev.cresset.flink;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What keeps this module on the public side of what it joins. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.cresset.flink");

    @Test
    void cresset_isUsedByItsPublicNamesAlone() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.cresset.internal..", "dev.cresset.mar.internal..", "dev.cresset.torch..")
                .check(CLASSES);
    }

    @Test
    void flink_isUsedByNamesThatItKeeps() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAnnotatedWith("org.apache.flink.annotation.Internal")
                .check(CLASSES);
    }
}
