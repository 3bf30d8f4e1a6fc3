package dev.cresset.torch;

import dev.cresset.engine.EngineModel;
import dev.cresset.engine.EngineSession;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.ModelSource;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.Arrays;
import java.util.List;

/** A process whose device breaks a record off: by an operator that waits for it without a word of it. */
final class BreaksAGraphOff {

    private static final int RUNS = 10;

    private BreaksAGraphOff() {}

    public static void main(String[] args) {
        OnDevice engine = new OnDevice(TestDevice.engine(), TestDevice.DEVICE, 4);
        TestDevice.waitsWithin("aten::tanh");
        try (EngineModel model = engine.load(
                new ModelSource.InFile("graphs", Fixtures.path("devices/graphs.pt")), new LoadOptions(1, true))) {
            run(model);
            TestDevice.waitsWithin("");
            run(model);
        }
        System.out.println("misuses: " + TestDevice.misuses());
        System.out.println("done");
    }

    private static void run(EngineModel model) {
        boolean right = true;
        try (Tensor x = Tensor.allocate(DataType.FLOAT32, 3, 4);
                Tensor y = Tensor.allocate(DataType.FLOAT32, 3, 3);
                EngineSession session = model.prepare("forward", List.of(x), List.of(y))) {
            for (int i = 0; i < RUNS; i++) {
                float[] numbers = new float[12];
                Arrays.fill(numbers, i);
                x.copyFrom(numbers);
                session.run();
                try (Value expected = model.invoke("forward", List.of(x))) {
                    right &= Arrays.equals(expected.asTensor().toFloatArray(), y.toFloatArray());
                }
            }
            System.out.println("right: " + right + ", " + model.graphs());
        }
    }
}
