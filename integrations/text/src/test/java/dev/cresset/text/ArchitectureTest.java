package dev.cresset.text;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What keeps this module off the network, and the library at arm's length. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.cresset.text");

    @Test
    void djl_isUsedForItsNativeCallsAlone() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(Tokenizer.class, NativeTokenizers.class)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl..")
                .check(CLASSES);
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("ai.djl.huggingface.tokenizers", "ai.djl.util..", "ai.djl.engine..")
                .check(CLASSES);
    }

    @Test
    void network_isUsedNowhere() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.net..")
                .check(CLASSES);
    }
}
