package dev.cresset.examples;

import dev.cresset.Model;
import dev.cresset.codecs.BinaryBody;
import dev.cresset.codecs.InferRequest;
import dev.cresset.codecs.InferResponse;
import dev.cresset.codecs.InferTensor;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Answers a request of the Open Inference Protocol (KServe v2, Triton) with a model, as a server would between reading a body
 * and writing one: {@code OpenInference risk.mar heldback.csv}. The request has two rows of
 * the table; server and client are both played here.
 */
public final class OpenInference {

    private OpenInference() {}

    /** Runs the example. */
    public static void main(String[] args) throws IOException {
        Path path = Path.of(args.length > 0 ? args[0] : "fixtures/risk/risk.mar");
        List<String> table = Files.readAllLines(Path.of(args.length > 1 ? args[1] : "fixtures/risk/heldback.csv"));
        Tensor rows = Tensor.allocate(DataType.FLOAT32, 2, 30);
        FloatBuffer numbers = rows.asFloatBuffer();
        for (String line : table.subList(1, 3)) {
            // The last number of a line is the truth.
            Arrays.stream(line.split(",", -1)).limit(30).forEach(cell -> numbers.put(Float.parseFloat(cell)));
        }
        try (ModelArchive archive = ModelArchive.open(path);
                Model model = Model.open(archive);
                InferRequest request = InferRequest.of(InferTensor.of("rows", rows))) {
            BinaryBody answer = answer(model, request.toBinary());
            try (InferResponse response = InferResponse.readBinary(answer.bytes(), answer.jsonLength())) {
                InferTensor risks = response.outputs().get(0);
                System.out.println(risks + " " + Arrays.toString(risks.tensor().toFloatArray()));
            }
        }
    }

    /** The body of the response, and what its header says: {@code Inference-Header-Content-Length}. */
    static BinaryBody answer(Model model, BinaryBody body) {
        try (InferRequest request = InferRequest.readBinary(body.bytes(), body.jsonLength())) {
            Value[] inputs = request.inputs().stream().map(InferTensor::tensor).toArray(Value[]::new);
            Tensor output = model.forward(inputs).asTensor();
            try (InferResponse response = InferResponse.to(request, "risk", InferTensor.of("risks", output))) {
                return response.toBinary();
            }
        }
    }
}
