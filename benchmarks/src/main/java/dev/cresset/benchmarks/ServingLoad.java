package dev.cresset.benchmarks;

import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.engine.Precision;
import dev.cresset.handler.ImageClassifier;
import dev.cresset.mar.ModelArchive;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * Asks a server, or Cresset in this process, as fast as so many callers can: {@code ServingLoad FOLDER URL}, or {@code ServingLoad
 * FOLDER AS_SAVED|BFLOAT16}. Every line on its input, "callers seconds", is one load; it answers each with a line of JSON.
 * {@code serving/measure.py} holds the other end.
 */
public final class ServingLoad {

    private final ServingPhotos photos;
    private final Supplier<Target> targets;

    private ServingLoad(ServingPhotos photos, Supplier<Target> targets) {
        this.photos = photos;
        this.targets = targets;
    }

    /** Opens, then obeys its input until that ends. */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        boolean rounded = args[1].equals("BFLOAT16");
        ServingPhotos photos = new ServingPhotos(folder, rounded ? 0.02 : 1e-3, !rounded);
        if (args[1].startsWith("http:")) {
            new ServingLoad(photos, () -> http(URI.create(args[1]), photos.jpegs())).obey();
            return;
        }
        try (Predictor<byte[], String> predictor = open(folder.resolve("resnet18.mar"), rounded)) {
            new ServingLoad(
                            photos,
                            () -> photo -> predictor.predict(photos.jpegs().get(photo)))
                    .obey();
        }
    }

    private static Predictor<byte[], String> open(Path file, boolean rounded) throws IOException {
        try (ModelArchive archive = ModelArchive.open(file)) {
            if (!rounded) {
                return Predictor.open(archive);
            }
            return Predictor.builder(archive, ImageClassifier.of(archive).asJson())
                    .modelOptions(
                            ModelOptions.builder().precision(Precision.BFLOAT16).build())
                    .open();
        }
    }

    /** Connections are kept, as many as there are callers; but new ones for each load, lest one worker has got them all for ever. */
    private static Target http(URI uri, List<byte[]> jpegs) {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(HttpClient.Builder.NO_PROXY)
                .build();
        List<HttpRequest> requests = jpegs.stream()
                .map(jpeg -> HttpRequest.newBuilder(uri)
                        .header("Content-Type", "image/jpeg")
                        .POST(BodyPublishers.ofByteArray(jpeg))
                        .build())
                .toList();
        return photo -> {
            HttpResponse<String> answer = client.send(requests.get(photo), BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException("status " + answer.statusCode() + ": " + answer.body());
            }
            return answer.body();
        };
    }

    private void obey() throws Exception {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println("{}");
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            int space = order.indexOf(' ');
            load(Integer.parseInt(order.substring(0, space)), Double.parseDouble(order.substring(space + 1)));
        }
    }

    private void load(int callers, double seconds) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            Target target = targets.get();
            long start = System.nanoTime();
            long end = start + (long) (seconds * 1e9);
            List<Callable<long[]>> all = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                int first = i;
                all.add(() -> call(target, first, end));
            }
            List<long[]> nanos = new ArrayList<>();
            for (Future<long[]> one : threads.invokeAll(all)) {
                nanos.add(one.get());
            }
            double took = (System.nanoTime() - start) / 1e9;
            long[] sorted =
                    nanos.stream().flatMapToLong(Arrays::stream).sorted().toArray();
            System.out.printf(
                    Locale.ROOT,
                    "{\"callers\": %d, \"answers\": %d, \"perSecond\": %.2f, \"p50ms\": %.2f, \"p99ms\": %.2f, \"furthest\": %.2e}%n",
                    callers,
                    sorted.length,
                    sorted.length / took,
                    quantile(sorted, 0.5),
                    quantile(sorted, 0.99),
                    photos.furthest());
        } finally {
            threads.shutdown();
        }
    }

    /** One caller: asks about one photograph after the other, waits for each answer, at least once around. */
    private long[] call(Target target, int first, long end) throws Exception {
        LongStream.Builder nanos = LongStream.builder();
        int count = photos.jpegs().size();
        long before = System.nanoTime();
        for (int i = 0; i < count || before - end < 0; i++) {
            int photo = (first + i) % count;
            String answer = target.ask(photo);
            long after = System.nanoTime();
            nanos.add(after - before);
            photos.check(photo, answer);
            before = System.nanoTime();
        }
        return nanos.build().toArray();
    }

    private static double quantile(long[] sorted, double part) {
        return sorted[(int) Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] / 1e6;
    }

    /** What answers. */
    private interface Target {
        String ask(int photo) throws Exception;
    }
}
