package dev.cresset.benchmarks.zoo;

import dev.cresset.BoundCall;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Says what a call leaves to LibTorch: its operators in the way that Cresset chose, by time. What they do not account for are
 * operators of Cresset's own, and the interpreter. {@code zoo.sh --profile} runs it, with {@code cpp/operators.cpp}.
 */
public final class Profile {
    private static final int LINES = 12;

    private Profile() {}

    private static native void listen();

    private static native String heard();

    private record Use(String operator, long times, double micros) {}

    /** The library, the zoo, a way or {@code AUTO}, and names of models. */
    public static void main(String[] arguments) throws IOException {
        boolean listens = false;
        for (String name : List.of(arguments).subList(3, arguments.length)) {
            ZooModel zoo = ZooModel.read(Path.of(arguments[1]).resolve(name), 1);
            List<Tensor> inputs = CressetSide.tensors(zoo.timed().inputs());
            List<Tensor> outputs = new ArrayList<>();
            for (Numbers expected : zoo.timed().outputs()) {
                outputs.add(
                        Tensor.allocate(DataType.valueOf(expected.type().toUpperCase(Locale.ROOT)), expected.shape()));
            }
            ModelOptions.Builder options = ModelOptions.builder().exampleInputs(inputs.toArray(Value[]::new));
            if (!arguments[2].equals("AUTO")) {
                options.optimization(Optimization.valueOf(arguments[2]));
            }
            try (Model model = Model.open(zoo.torchScript(), options.build());
                    BoundCall call = model.bind(inputs, outputs)) {
                System.out.println(name + ": " + model.plan());
                if (!listens) { // what it needs of LibTorch is there once a model is open
                    System.load(arguments[0]);
                    listen();
                    listens = true;
                }
                profile(call);
            }
        }
    }

    /** The least of several calls, operator by operator: what else the machine did is no operator's cost. */
    private static void profile(BoundCall call) {
        Map<String, Use> least = new TreeMap<>();
        double rest = Double.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            call.run(); // the first calls are LibTorch's to optimise its code in
        }
        for (int i = 0; i < 30; i++) {
            heard();
            long start = System.nanoTime();
            call.run();
            double others = (System.nanoTime() - start) / 1e3;
            for (String line : heard().lines().toList()) {
                String[] words = line.split(" ", -1);
                Use use = new Use(words[0], Long.parseLong(words[1]), Double.parseDouble(words[2]) / 1e3);
                least.merge(use.operator, use, (one, two) -> one.micros <= two.micros ? one : two);
                others -= use.micros;
            }
            rest = Math.min(rest, others);
        }
        print(rest, new ArrayList<>(least.values()));
    }

    private static void print(double rest, List<Use> uses) {
        uses.sort(Comparator.comparingDouble(use -> -use.micros));
        double libTorch = uses.stream().mapToDouble(Use::micros).sum();
        double total = libTorch + rest;
        System.out.printf(
                Locale.ROOT,
                "  %.1f us a call while it is listened to, LibTorch's operators %.0f %%%n",
                total,
                100 * libTorch / total);
        for (Use use : uses.subList(0, Math.min(LINES, uses.size()))) {
            System.out.printf(
                    Locale.ROOT,
                    "  %5.1f %% %5d x %9.1f us  %s%n",
                    100 * use.micros / total,
                    use.times,
                    use.micros,
                    use.operator);
        }
    }
}
