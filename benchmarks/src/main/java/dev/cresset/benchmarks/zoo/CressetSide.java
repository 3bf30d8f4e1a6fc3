package dev.cresset.benchmarks.zoo;

import dev.cresset.BoundCall;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Cresset's turn: a bound call, computed in the way that was found when the model was opened, or in the one that is asked for. */
final class CressetSide {
    private CressetSide() {}

    /** The model's folder, items, threads, numerics, and a way or {@code AUTO}. */
    public static void main(String[] arguments) throws IOException {
        ZooModel zoo = ZooModel.read(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
        List<Tensor> inputs = tensors(zoo.timed().inputs());
        Numerics numerics = Numerics.valueOf(arguments[3].toUpperCase(Locale.ROOT));
        ModelOptions.Builder options = ModelOptions.builder()
                .intraOpThreads(Integer.parseInt(arguments[2]))
                .precision(numerics.precision)
                .exampleInputs(inputs.toArray(Value[]::new));
        if (numerics.precision != Precision.AS_SAVED) {
            options.maxDeviation(numerics.tolerance);
        }
        if (!arguments[4].equals("AUTO")) {
            options.optimization(Optimization.valueOf(arguments[4]));
        }
        long start = System.nanoTime();
        Model model = Model.open(zoo.torchScript(), options.build());
        String opened = String.format(Locale.ROOT, "%.2f s", (System.nanoTime() - start) / 1e9);
        List<Tensor> outputs = new ArrayList<>();
        for (Numbers expected : zoo.timed().outputs()) {
            outputs.add(Tensor.allocate(type(expected), expected.shape()));
        }
        BoundCall call = model.bind(inputs, outputs);
        for (int again = 0; again < 3; again++) {
            call.run();
        }
        double worst = distance(zoo.timed().outputs(), outputs);
        Turns.serve(call::run, String.format(Locale.ROOT, "%.2e %s; %s", worst, model.plan(), opened));
    }

    static List<Tensor> tensors(List<Numbers> all) {
        return all.stream()
                .map(one -> Tensor.wrap(type(one), one.bytes(), one.shape()))
                .toList();
    }

    static double distance(List<Numbers> expected, List<Tensor> found) {
        double worst = expected.size() == found.size() ? 0 : Double.POSITIVE_INFINITY;
        for (int i = 0; i < Math.min(expected.size(), found.size()); i++) {
            worst = Math.max(worst, expected.get(i).distance(found.get(i).asByteBuffer()));
        }
        return worst;
    }

    private static DataType type(Numbers numbers) {
        return DataType.valueOf(numbers.type().toUpperCase(Locale.ROOT));
    }
}
