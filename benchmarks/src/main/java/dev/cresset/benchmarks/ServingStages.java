package dev.cresset.benchmarks;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.Predictor;
import dev.cresset.handler.ImageClassifier;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Where the time of one prediction goes, on one thread: {@code ServingStages FOLDER SECONDS}. Prints means as a line of JSON. */
public final class ServingStages {

    private ServingStages() {}

    /** Warms up, measures, prints. */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        ServingPhotos photos = new ServingPhotos(folder, 1e-3, true);
        try (ModelArchive archive = ModelArchive.open(folder.resolve("resnet18.mar"))) {
            Timed timed = new Timed(ImageClassifier.of(archive).asJson());
            try (Predictor<byte[], String> predictor = Predictor.open(archive, timed)) {
                run(photos, predictor, 3);
                timed.before = 0;
                timed.after = 0;
                long start = System.nanoTime();
                int calls = run(photos, predictor, Double.parseDouble(args[1]));
                double millis = (System.nanoTime() - start) / 1e6 / calls;
                double before = timed.before / 1e6 / calls;
                double after = timed.after / 1e6 / calls;
                System.out.printf(
                        Locale.ROOT,
                        "{\"preprocessMs\": %.2f, \"modelMs\": %.2f, \"postprocessMs\": %.2f, \"plan\": \"%s\"}%n",
                        before,
                        millis - before - after,
                        after,
                        predictor.plan().optimization());
            }
        }
    }

    private static int run(ServingPhotos photos, Predictor<byte[], String> predictor, double seconds) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        int calls = 0;
        while (System.nanoTime() - end < 0) {
            // Whole rounds: photographs differ in size.
            for (int i = 0; i < photos.jpegs().size(); i++, calls++) {
                photos.check(i, predictor.predict(photos.jpegs().get(i)));
            }
        }
        return calls;
    }

    /** The handler, with a clock. */
    private static final class Timed implements Handler<byte[], String> {
        private final Handler<byte[], String> handler;
        private long before;
        private long after;

        Timed(Handler<byte[], String> handler) {
            this.handler = handler;
        }

        @Override
        public Optional<byte[]> example() {
            return handler.example();
        }

        @Override
        public Answer<String> preprocess(byte[] request, Inputs inputs) throws Exception {
            long start = System.nanoTime();
            Answer<String> answer = handler.preprocess(request, inputs);
            before += System.nanoTime() - start;
            return output -> timed(answer, output);
        }

        private String timed(Answer<String> answer, Value output) throws Exception {
            long start = System.nanoTime();
            String text = answer.postprocess(output);
            after += System.nanoTime() - start;
            return text;
        }
    }
}
