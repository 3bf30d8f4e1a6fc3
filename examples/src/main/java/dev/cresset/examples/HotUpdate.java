package dev.cresset.examples;

import dev.cresset.registry.ModelRegistry;
import dev.cresset.registry.Prediction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Exchanges a model while it answers: {@code HotUpdate digits.mar digits-2.mar six.png}. Half of the requests come before the
 * update and half after; all are answered, and each answer says which archive gave it.
 */
public final class HotUpdate {

    private HotUpdate() {}

    /** Runs the example. */
    public static void main(String[] args) throws IOException {
        Path first = Path.of(args.length > 0 ? args[0] : "fixtures/digits/digits.mar");
        Path second = Path.of(args.length > 1 ? args[1] : "fixtures/digits/digits.mar");
        byte[] image = Files.readAllBytes(Path.of(args.length > 2 ? args[2] : "fixtures/digits/images/0034-six.png"));

        try (ModelRegistry<byte[], String> models = ModelRegistry.open()) {
            String model = models.register(first).model();
            List<CompletableFuture<Prediction<String>>> answers = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                if (i == 50) {
                    models.update(second);
                }
                answers.add(models.predictAsync(model, image));
            }

            Map<Long, Integer> counts = new TreeMap<>();
            for (CompletableFuture<Prediction<String>> answer : answers) {
                counts.merge(answer.join().revision(), 1, Integer::sum);
            }
            counts.forEach((revision, count) -> System.out.println("revision " + revision + ": " + count + " answers"));
            System.out.println(models.models());
        }
    }
}
