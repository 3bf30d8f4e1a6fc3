package dev.cresset.spring.boot;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What keeps this module an addition that every application can bear. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.cresset.spring.boot");

    @Test
    void webLayer_isUsedNowhere() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.springframework.web..", "org.springframework.http..", "jakarta.servlet..", "java.net..")
                .check(CLASSES);
    }

    @Test
    void insidesOfCresset_areUsedNowhere() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.cresset.internal..", "dev.cresset.torch..", "dev.cresset.text..")
                .check(CLASSES);
    }

    @Test
    void optionalParts_areUsedByTheClassesThatComeWithThem() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(CressetMetricsAutoConfiguration.class, ModelMeters.class)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.micrometer..", "dev.cresset.micrometer..")
                .check(CLASSES);
        noClasses()
                .that()
                .doNotBelongToAnyOf(
                        CressetActuatorAutoConfiguration.class,
                        CressetEndpoint.class,
                        CressetInfoContributor.class,
                        CressetHealthContributorAutoConfiguration.class,
                        CressetHealthIndicator.class)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework.boot.actuate..", "org.springframework.boot.health..")
                .check(CLASSES);
    }
}
