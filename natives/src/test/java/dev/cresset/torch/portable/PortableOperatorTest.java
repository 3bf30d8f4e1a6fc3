package dev.cresset.torch.portable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.torch.TorchContractTest;
import java.io.IOException;
import java.nio.file.Files;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Both engines trust the same operators. */
class PortableOperatorTest {

    @Test
    void alwaysCompute_areThoseOfTheBridge() throws IOException {
        String effects = Files.readString(TorchContractTest.fixture("../natives/src/main/cpp/analysis/effects.cpp"));
        int start = effects.indexOf("bool always_computes(");
        String table = effects.substring(start, effects.indexOf("};", start));
        assertThat(PortableOperator.ALWAYS_COMPUTE)
                .containsExactlyInAnyOrderElementsOf(Pattern.compile("\"(aten::\\w+)\"")
                        .matcher(table)
                        .results()
                        .map((MatchResult found) -> found.group(1))
                        .toList());
    }
}
