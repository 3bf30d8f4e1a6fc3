package dev.cresset.flink;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.annotatedWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.apache.flink.metrics.MeterView;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
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

    /** But for what its own public names name: the records that an operator is given. */
    @Test
    void flink_isUsedByNamesThatItKeeps() {
        noClasses()
                .should()
                .dependOnClassesThat(annotatedWith("org.apache.flink.annotation.Internal")
                        .and(not(type(StreamRecord.class)))
                        .and(not(type(MeterView.class))))
                .check(CLASSES);
    }
}
