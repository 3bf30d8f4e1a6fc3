package dev.cresset.benchmarks.zoo;

import dev.cresset.InferenceException;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Holds a model's answers against PyTorch's, way by way: at the size that it was opened with, at the other, and at the first again.
 * What is begun is said before, so that {@link Zoo} knows where this process died.
 */
final class Check {
    private Check() {}

    /** The model's folder, then ways, or {@code AUTO}. */
    public static void main(String[] arguments) throws IOException {
        ZooModel zoo = ZooModel.read(Path.of(arguments[0]), 1);
        for (String way : List.of(arguments).subList(1, arguments.length)) {
            Turns.say("begin " + way);
            Turns.say("end " + way + " " + tried(zoo, way));
        }
        Turns.say("done");
    }

    /** How far the answers are from PyTorch's, or why there are none. */
    private static String tried(ZooModel zoo, String way) throws IOException {
        List<Tensor> inputs = CressetSide.tensors(zoo.timed().inputs());
        ModelOptions.Builder options = ModelOptions.builder().exampleInputs(inputs.toArray(Value[]::new));
        if (!way.equals("AUTO")) {
            options.optimization(Optimization.valueOf(way));
        }
        StringBuilder distances = new StringBuilder();
        try (Model model = Model.open(zoo.torchScript(), options.build())) {
            for (String size : List.of("a", "a", "a", "b", "b", "b", "a")) {
                ZooModel.Case one = zoo.at(size);
                Value[] given = CressetSide.tensors(one.inputs()).toArray(Value[]::new);
                try (Value answer = model.forward(given)) {
                    double distance = CressetSide.distance(one.outputs(), flat(answer));
                    distances.append(String.format(
                            Locale.ROOT, "%s%s %.1e", one.allows(distance) ? "" : "WRONG ", size, distance));
                }
                distances.append(' ');
            }
            return distances + model.plan().toString();
        } catch (InferenceException | IllegalStateException | IllegalArgumentException e) {
            return "REFUSED " + distances + e;
        }
    }

    /** The tensors of an answer, in order. */
    private static List<Tensor> flat(Value answer) {
        List<Tensor> tensors = new ArrayList<>();
        if (answer instanceof Tensor tensor) {
            tensors.add(tensor);
        } else if (answer instanceof Value.TupleValue tuple) {
            tuple.elements().forEach(part -> tensors.addAll(flat(part)));
        } else if (answer instanceof Value.ListValue list) {
            list.elements().forEach(part -> tensors.addAll(flat(part)));
        }
        return tensors;
    }
}
