package dev.cresset.registry;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.Predictor;
import dev.cresset.TestArchives;
import dev.cresset.engine.FakeModule;
import dev.cresset.engine.FakeModules;
import dev.cresset.engine.OpenThings;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;

/** Archives whose models answer with a number, so that an answer shows which one gave it. */
public final class Versions {

    private Versions() {}

    /** An archive of a model that answers so. */
    public static Path write(Path path, String model, String version, int answer) throws IOException {
        String module = "answers-" + answer;
        FakeModules.put(
                module,
                () -> new FakeModule()
                        .method("forward", "x: Tensor", "Tensor", a -> Tensor.of(new float[] {answer}, 1, 1)));
        return TestArchives.versioned(path, model, version, module);
    }

    /** An archive that can be read, and whose model cannot be loaded. */
    public static Path broken(Path path, String model, String version) throws IOException {
        return TestArchives.versioned(path, model, version, "no such module");
    }

    /** Waits until so many models are open, and their calls: a predictor's last run may end just after its close. */
    public static void awaitModels(int count) {
        while (OpenThings.count("model") != count || (count == 0 && OpenThings.count("session") > 0)) {
            Thread.onSpinWait();
        }
    }

    public static Predictor<Runnable, Integer> open(ModelArchive archive) throws IOException {
        return builder(archive).open();
    }

    public static Predictor.Builder<Runnable, Integer> builder(ModelArchive archive) {
        return Predictor.builder(archive, new Asked());
    }

    /** A request is run where its tensors are made: it may wait there. */
    private static final class Asked implements Handler<Runnable, Integer> {
        @Override
        public Answer<Integer> preprocess(Runnable request, Inputs inputs) {
            request.run();
            inputs.tensor(DataType.FLOAT32, 1).copyFrom(new float[] {0});
            return this::postprocess;
        }

        Integer postprocess(Value output) {
            return (int) output.asTensor().toFloatArray()[0];
        }
    }
}
