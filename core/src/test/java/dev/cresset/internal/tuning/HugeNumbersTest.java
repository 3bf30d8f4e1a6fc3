package dev.cresset.internal.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.Envelope;
import dev.cresset.InferenceException;
import dev.cresset.InvalidInputException;
import dev.cresset.Predictor;
import dev.cresset.TestArchives;
import dev.cresset.handler.Envelopes;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Numbers and nests that JSON allows and nothing can hold: what is wrong with a request is said as what it is. */
public class HugeNumbersTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    static List<String> requests() {
        String many = "1" + "0".repeat(400);
        return List.of(
                "[" + many + ", 0.5]",
                "[0.5, -" + many + "]",
                "[" + many + "]",
                "[[true, " + many + "], [0.5, 1]]",
                "[1" + "0".repeat(5000) + ", 0.5]",
                "[0." + "1".repeat(5000) + "]",
                "[18446744073709551616]",
                "[".repeat(20_000) + "]".repeat(20_000));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void predict_ofWhatNothingHolds_isAnInvalidInput(String request) throws IOException {
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "contract", "base_handler"));
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            assertThatThrownBy(() -> predictor.predict(request.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(InvalidInputException.class)
                    .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400));
        }
    }

    @ParameterizedTest
    @MethodSource("requests")
    void open_ofWhatNothingHolds_isAnInvalidInputOrGoesOn(String request) throws IOException {
        String named =
                "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [-1], \"data\": " + request + "}]}";
        String instances =
                "{\"instances\": [" + request + ", {\"data\": " + request.replaceAll("^\\[|\\]$", "") + "}]}";
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "contract", "base_handler"))) {
            for (Envelope<byte[], String> envelope :
                    List.of(Envelopes.json(archive), Envelopes.kserve(archive), Envelopes.kserveV2(archive))) {
                for (String body : List.of(request, named, instances)) {
                    try {
                        envelope.open(body.getBytes(StandardCharsets.UTF_8)).items();
                    } catch (InferenceException e) {
                        assertThat(e).isInstanceOf(InvalidInputException.class);
                    }
                }
            }
        }
    }

    /** As Python reads it. */
    @Test
    void predict_ofAFractionBeyondEveryFloat_isInfinite() throws IOException {
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "contract", "base_handler"));
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            assertThat(predictor.predict("[1e999999999, 1e-999999999]".getBytes(StandardCharsets.UTF_8)))
                    .contains("Infinity");
        }
    }
}
