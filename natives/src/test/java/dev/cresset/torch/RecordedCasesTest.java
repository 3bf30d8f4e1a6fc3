package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every call that PyTorch answered in {@code fixtures/modules/cases.json} gets the same answer here. */
class RecordedCasesTest {

    @TestFactory
    Stream<DynamicTest> bridge() {
        return cases("torch");
    }

    @TestFactory
    Stream<DynamicTest> portable() {
        return cases("torch-portable");
    }

    private static Stream<DynamicTest> cases(String engine) {
        List<DynamicTest> tests = RecordedCases.replayed("modules/cases.json", engine, SameValue::check)
                .toList();
        assertThat(tests).hasSizeGreaterThan(30);
        return tests.stream();
    }
}
