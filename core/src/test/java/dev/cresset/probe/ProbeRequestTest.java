package dev.cresset.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a probe asks arrives as it was asked. */
public class ProbeRequestTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private ProbeRequest sent(ProbeRequest request) throws IOException {
        request.write(folder.resolve("request"));
        return ProbeRequest.read(folder.resolve("request"));
    }

    @Test
    void read_everyOption_isWhatWasWritten() throws IOException {
        ModelOptions options = ModelOptions.builder()
                .engine("some")
                .intraOpThreads(3)
                .inputs(TensorSpec.of(DataType.INT64, TensorSpec.ANY, 7))
                .optimization(Optimization.CHANNELS_LAST)
                .precision(Precision.BFLOAT16)
                .maxDeviation(0.25)
                .trusted(true)
                .tuningBudget(Duration.ofMillis(1500))
                .build();
        ArchiveLimits limits = ArchiveLimits.builder().maxEntries(5).build();

        ProbeRequest arrived =
                sent(new ProbeRequest(folder.resolve("größe.pt"), /* modelOnly= */ true, limits, options));

        assertThat(arrived.model()).isEqualTo(folder.resolve("größe.pt"));
        assertThat(arrived.modelOnly()).isTrue();
        assertThat(arrived.limits()).hasToString(limits.toString());
        assertThat(arrived.options().engine()).contains("some");
        assertThat(arrived.options().intraOpThreads()).isEqualTo(3);
        assertThat(arrived.options().inputs()).isEqualTo(options.inputs());
        assertThat(arrived.options().optimization()).contains(Optimization.CHANNELS_LAST);
        assertThat(arrived.options().precision()).isEqualTo(Precision.BFLOAT16);
        assertThat(arrived.options().maxDeviation()).isEqualTo(0.25);
        assertThat(arrived.options().isTrusted()).isTrue();
        assertThat(arrived.options().tuningBudget()).isEqualTo(Duration.ofMillis(1500));
    }

    @Test
    void read_valuesOfEveryKind_areWhatWasWritten() throws IOException {
        Value[] plain = {
            Value.of(-7),
            Value.of(0.5),
            Value.of(true),
            Value.of("text ü"),
            Value.none(),
            Value.tuple(Value.of(1), Value.list(Value.of("a"))),
            Value.dict(Map.of("key", Value.of(2)))
        };
        ModelOptions options = ModelOptions.builder().exampleInputs(plain).build();

        ProbeRequest arrived = sent(new ProbeRequest(folder, false, ArchiveLimits.defaults(), options));

        assertThat(arrived.options().exampleInputs()).isEqualTo(List.of(plain));
    }

    @Test
    void read_aTensor_hasTheTypeTheShapeAndTheNumbers() throws IOException {
        try (Tensor table = Tensor.of(DataType.UINT8, new byte[] {1, -2, 3, 4, 5, 6}, 2, 3)) {
            ModelOptions options = ModelOptions.builder().exampleInputs(table).build();

            Tensor arrived = sent(new ProbeRequest(folder, false, ArchiveLimits.defaults(), options))
                    .options()
                    .exampleInputs()
                    .get(0)
                    .asTensor();

            try (arrived) {
                assertThat(arrived.dataType()).isEqualTo(DataType.UINT8);
                assertThat(arrived.shape()).containsExactly(2, 3);
                assertThat(arrived.toByteArray()).containsExactly(1, -2, 3, 4, 5, 6);
            }
        }
    }
}
