package dev.cresset.benchmarks.zoo;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** ONNX Runtime's turn: inputs and outputs pinned, and told the sizes that will come, so that it need not work them out each time. */
final class OnnxRuntimeSide {
    private final ZooModel zoo;
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
    private final List<ByteBuffer> answers = new ArrayList<>();

    private OnnxRuntimeSide(ZooModel zoo) {
        this.zoo = zoo;
    }

    /** The model's folder, items, threads. */
    public static void main(String[] arguments) throws IOException, OrtException {
        ZooModel zoo = ZooModel.read(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
        new OnnxRuntimeSide(zoo).serve(Integer.parseInt(arguments[2]));
    }

    private void serve(int threads) throws OrtException, IOException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(threads);
        options.setInterOpNumThreads(1);
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
        OrtSession asSaved = environment.createSession(zoo.onnx().toString(), new OrtSession.SessionOptions());
        fixSizes(options, List.copyOf(asSaved.getInputInfo().values()));
        asSaved.close();
        OrtSession session = environment.createSession(zoo.onnx().toString(), options);
        List<Numbers> given = zoo.timed().inputs();
        int next = 0;
        for (String name : session.getInputNames()) {
            Numbers one = given.get(next++);
            inputs.put(name, OnnxTensor.createTensor(environment, one.bytes(), one.shape(), type(one)));
        }
        next = 0;
        for (String name : session.getOutputNames()) {
            Numbers one = zoo.timed().outputs().get(next++);
            ByteBuffer answer =
                    ByteBuffer.allocateDirect(one.bytes().remaining()).order(ByteOrder.nativeOrder());
            answers.add(answer);
            outputs.put(name, OnnxTensor.createTensor(environment, answer, one.shape(), type(one)));
        }
        run(session);
        double worst = 0;
        for (int i = 0; i < answers.size(); i++) {
            worst = Math.max(worst, zoo.timed().outputs().get(i).distance(answers.get(i)));
        }
        Turns.serve(
                () -> run(session), String.format(Locale.ROOT, "%.2e onnxruntime %s", worst, environment.getVersion()));
    }

    private void fixSizes(OrtSession.SessionOptions options, List<NodeInfo> infos) throws OrtException {
        for (int i = 0; i < infos.size(); i++) {
            String[] names = ((TensorInfo) infos.get(i).getInfo()).getDimensionNames();
            for (int d = 0; d < names.length; d++) {
                if (!names[d].isEmpty()) {
                    options.setSymbolicDimensionValue(
                            names[d], zoo.timed().inputs().get(i).shape()[d]);
                }
            }
        }
    }

    private void run(OrtSession session) {
        try {
            session.run(inputs, outputs).close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    private static OnnxJavaType type(Numbers numbers) {
        return switch (numbers.type()) {
            case "float32" -> OnnxJavaType.FLOAT;
            case "float64" -> OnnxJavaType.DOUBLE;
            case "int64" -> OnnxJavaType.INT64;
            default -> OnnxJavaType.BOOL;
        };
    }
}
