package dev.cresset.onnx;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import ai.onnxruntime.OrtException;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What keeps this module off the network, and ONNX Runtime inside it. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.cresset.onnx");

    @Test
    void exceptionsOfOnnxRuntime_leaveNoPublicMethod() {
        noMethods()
                .that()
                .arePublic()
                .should()
                .declareThrowableOfType(OrtException.class)
                .check(CLASSES);
    }

    @Test
    void whatIsReadBeforeTheEngine_knowsNothingNative() {
        noClasses()
                .that()
                .belongToAnyOf(ExternalData.class, ProtoReader.class, OnnxOptions.class, OnnxProvider.class)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.onnxruntime..")
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
