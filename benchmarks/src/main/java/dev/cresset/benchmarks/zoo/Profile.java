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

    private static void profile(BoundCall call) {
        double least = Double.MAX_VALUE;
        String operators = "";
        for (int i = 0; i < 20; i++) {
            heard();
            double micros = micros(call);
            String said = heard();
            if (micros < least) {
                least = micros;
                operators = said;
            }
        }
        print(least, operators);
    }

    private static double micros(BoundCall call) {
        long start = System.nanoTime();
        call.run();
        return (System.nanoTime() - start) / 1e3;
    }

    private static void print(double total, String operators) {
        List<Use> uses = operators
                .lines()
                .map(line -> line.split(" ", -1))
                .map(words -> new Use(words[0], Long.parseLong(words[1]), Double.parseDouble(words[2]) / 1e3))
                .sorted(Comparator.comparingDouble(use -> -use.micros))
                .toList();
        double libTorch = uses.stream().mapToDouble(Use::micros).sum();
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
