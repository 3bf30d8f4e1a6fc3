package dev.cresset.flink;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
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

    /** But for what its own public names name, as the records that an operator is given. */
    private static final Set<String> KEPT = Set.of(
            "org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus",
            "org.apache.flink.streaming.runtime.streamrecord.StreamRecord",
            "org.apache.flink.metrics.MeterView");

    @Test
    void flink_isUsedByNamesThatItKeeps() {
        noClasses()
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are Flink's own",
                        used -> used.isAnnotatedWith("org.apache.flink.annotation.Internal")
                                && !KEPT.contains(used.getName())))
                .check(CLASSES);
    }
}
