package dev.cresset.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples say what the README says they say. */
class ExamplesTest {

    private static final String FIXTURES = System.getProperty("cresset.fixtures");

    private interface Main {
        void run(String... args) throws Exception;
    }

    private static String output(Main main, String... args) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            main.run(args);
        } finally {
            System.setOut(before);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void sameNetwork_answersTheSameByBothEngines() throws Exception {
        String output =
                output(SameNetwork::main, FIXTURES + "/risk/mlp-16-32-32-4.pt", FIXTURES + "/onnx/mlp-16-32-32-4.onnx");
        List<String> answers =
                output.lines().filter(line -> line.startsWith("  answers ")).toList();

        assertThat(output).contains("mlp-16-32-32-4.onnx: forward(rows: Tensor[batch, 16] (float32)) -> Tensor");
        assertThat(output.lines().filter(line -> line.startsWith("  computed ")))
                .hasSize(2);
        assertThat(answers).hasSize(2);
        assertThat(numbers(answers.get(1)))
                .usingComparatorWithPrecision(1e-5f)
                .containsExactly(numbers(answers.get(0)));
    }

    private static float[] numbers(String answer) {
        String[] texts = answer.replaceAll("[^-0-9.E,]", "").split(",", -1);
        float[] numbers = new float[texts.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Float.parseFloat(texts[i]);
        }
        return numbers;
    }

    @Test
    void readProgram_showsInputsOperatorsAndWeights() throws Exception {
        assertThat(output(ReadProgram::main, FIXTURES + "/pt2/format/torch-2.13.pt2"))
                .contains("model: saved by PyTorch 2.13", "  input ", "  torch.ops.aten.", "  output ", "  weight ");
    }

    @Test
    void describeModel_saysSizesAndWhyItIsComputedSo() throws Exception {
        assertThat(output(DescribeModel::main, FIXTURES + "/pt2/format/torch-2.13.pt2"))
                .contains("forward gives ", "  takes features: Tensor of float32 x 0 to 16 x 8", "computed ");
    }

    @Test
    void describeArchive_checksEachEntry() throws Exception {
        assertThat(output(DescribeArchive::main, FIXTURES + "/digits/digits.mar"))
                .startsWith("digits 1.0, a DEFAULT for python")
                .contains("handler image_classifier, model digits.pt", "checked 441546 bytes");
    }

    @Test
    void describeArchive_ofSomethingElse_saysWhichRuleItBreaks() throws Exception {
        assertThat(output(DescribeArchive::main, FIXTURES + "/digits/images/0034-six.png"))
                .startsWith("refused by NOT_AN_ARCHIVE: 0034-six.png: ");
    }

    @Test
    void classify_namesWhatIsOnAnImage() throws Exception {
        assertThat(output(Classify::main, FIXTURES + "/digits/digits.mar", FIXTURES + "/digits/images/0034-six.png"))
                .startsWith("0034-six.png")
                .contains("six ");
    }

    @Test
    void detect_saysWhatIsWhere() throws Exception {
        assertThat(output(Detect::main, FIXTURES + "/handlers/list-detector.mar", FIXTURES + "/photos/china.jpg"))
                .contains("square        73.9 %  108 x 147 pixels at 483, -25");
    }

    @Test
    void segment_drawsALetterForEachPlace() throws Exception {
        assertThat(output(Segment::main, FIXTURES + "/handlers/segmenter.mar", FIXTURES + "/photos/china.jpg"))
                .hasLineCount(28)
                .matches("(?s)([A-Fa-f]{14}\\s+)*");
    }

    @Test
    void riskScore_isRightOnAsManyRowsAsPyTorch() throws Exception {
        assertThat(output(RiskScore::main, FIXTURES + "/risk/risk.mar", FIXTURES + "/risk/heldback.csv"))
                .contains("right on 137 of 143 rows (95.8 %)");
    }

    @Test
    void portedHandler_isRightOnAsManyDigitsAsTorchServe() throws Exception {
        assertThat(output(PortedHandler::main, FIXTURES + "/mnist/mnist.mar", FIXTURES + "/mnist/images"))
                .contains("right on 58 of 60 digits");
    }

    @Test
    void openInference_answersARequestOfTwoRows() throws Exception {
        assertThat(output(OpenInference::main, FIXTURES + "/risk/risk.mar", FIXTURES + "/risk/heldback.csv"))
                .startsWith("risks: tensor float32 [2] [0.9999")
                .contains(", 0.0081");
    }

    @Test
    void checkedStart_opensWhatItPacked(@TempDir Path folder) throws Exception {
        assertThat(output(
                        CheckedStart::main,
                        FIXTURES + "/digits/digits.mar",
                        FIXTURES + "/digits/images/0034-six.png",
                        folder.toString()))
                .startsWith("predictor of checked.mar is warm, computed ");
    }

    @Test
    void hotUpdate_answersEachRequest() throws Exception {
        String digits = FIXTURES + "/digits/digits.mar";
        assertThat(output(HotUpdate::main, digits, digits, FIXTURES + "/digits/images/0034-six.png"))
                .startsWith("revision 1: 50 answers")
                .contains("revision 2: 50 answers");
    }

    @Test
    void trust_opensWhatIsTrusted() throws Exception {
        String saves = FIXTURES + "/trust/saves.pt";
        assertThat(output(Trust::main, saves)).contains("method forward of ", " calls aten::save, which writes files");
        assertThat(output(Trust::main, saves, "yes")).startsWith("saves.pt has the methods [forward]");
    }
}
