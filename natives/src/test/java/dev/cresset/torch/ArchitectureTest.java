package dev.cresset.torch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The arrows of ARCHITECTURE.md. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar") && !location.contains("/test-classes/"))
            .importPackages("dev.cresset");

    @Test
    void presets_areKnownInNativesAlone() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.cresset.torch..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .check(CLASSES);
    }

    @Test
    void compress_isKnownInMarFormatAlone() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.cresset.mar..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.commons..")
                .check(CLASSES);
    }

    /** It is an optional dependency: an application does not have it. */
    @Test
    void picocli_isKnownInTheCommandAlone() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.cresset.mar.cli")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "dev.cresset.mar.cli")
                .check(CLASSES);
    }

    @Test
    void marFormat_knowsNothingElseOfCresset() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.cresset.mar..", "dev.cresset.pt2..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.cresset", "dev.cresset.tensor..", "dev.cresset.engine..", "dev.cresset.torch..")
                .check(CLASSES);
    }

    @Test
    void core_knowsNoEngine() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.cresset",
                        "dev.cresset.config..",
                        "dev.cresset.tensor..",
                        "dev.cresset.engine..",
                        "dev.cresset.handler..",
                        "dev.cresset.registry..",
                        "dev.cresset.probe..",
                        "dev.cresset.internal..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.cresset.torch..")
                .check(CLASSES);
    }

    @Test
    void engines_seeNoArchivesHandlersOrPredictors() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.cresset.engine..", "dev.cresset.torch..", "dev.cresset.tensor..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.cresset",
                        "dev.cresset.mar..",
                        "dev.cresset.handler..",
                        "dev.cresset.registry..",
                        "dev.cresset.probe..")
                .check(CLASSES);
    }

    /** Of the root, what needs nothing of the house's inside is a value, which the inside may name; the others are doors. */
    @Test
    void rooms_haveNoCycles() {
        slices().assignedFrom(new Rooms(CLASSES)).should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void inside_namesNoDoor() {
        noClasses()
                .that()
                .resideInAPackage("dev.cresset.internal..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("dev.cresset.Model")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("dev.cresset.Predictor")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.cresset.registry..", "dev.cresset.probe..")
                .check(CLASSES);
    }

    @Test
    void rooms_holdNoMoreThanOneFinds() {
        Map<String, Long> files = CLASSES.stream()
                .filter(one -> one.isTopLevelClass() && one.getPackageName().startsWith("dev.cresset"))
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));

        assertThat(files)
                .isNotEmpty()
                .allSatisfy((room, count) -> assertThat(count).isLessThanOrEqualTo(35));
    }

    /** Exceptions, limits and the like are the words that all of mar-format speaks; what opens and writes archives is on top. */
    @Test
    void marInternals_nameValuesOnly() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.cresset.mar.internal..", "dev.cresset.pt2.internal..")
                .should()
                .dependOnClassesThat()
                .haveSimpleNameStartingWith("ModelArchive")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("dev.cresset.mar.cli")
                .check(CLASSES);
    }

    @Test
    void network_isUsedNowhere() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.net.Socket")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.net.URLConnection")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.net.http..")
                .check(CLASSES);
    }
}
