package dev.cresset.benchmarks;

import dev.cresset.Answer;
import dev.cresset.Batching;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.PredictorMetrics;
import dev.cresset.engine.Device;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model of {@code gpu/models.py} under 64 callers: how many requests a second, in which batches, and which share of the time the device was at
 * it, by its own clock.
 */
public final class DeviceLoad {

    private static final int CALLERS = 64;

    private DeviceLoad() {}

    /** {@code MODEL.pt DEVICE GRAPHS SECONDS}. */
    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        Device device = Device.parse(args[1]);
        long nanos = (long) (Double.parseDouble(args[3]) * 1e9);
        String json = Files.readString(Path.of(args[0].replace(".pt", ".json")));
        Matcher typed = Pattern.compile("\"type\": \"(\\w+)\"").matcher(json);
        DataType type = typed.find() ? DataType.valueOf(typed.group(1).toUpperCase(Locale.ROOT)) : DataType.FLOAT32;
        long[] row = Pattern.compile("\\d+")
                .matcher(json.substring(json.indexOf('['), json.indexOf(']')))
                .results()
                .map(MatchResult::group)
                .mapToLong(Long::parseLong)
                .toArray();
        ModelOptions options =
                ModelOptions.builder().cudaGraphs(Integer.parseInt(args[2])).build();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try (Predictor<Integer, Float> predictor = Predictor.builder(file, new Filled(type, row))
                .modelOptions(options)
                .devices(device)
                .batching(Batching.upTo(CALLERS))
                .open()) {
            load(predictor, callers, nanos / 2); // until graphs are trusted
            PredictorMetrics before = predictor.metrics();
            long start = System.nanoTime();
            load(predictor, callers, nanos);
            double seconds = (System.nanoTime() - start) / 1e9;
            PredictorMetrics after = predictor.metrics();
            double busy = after.device().sum().minus(before.device().sum()).toNanos() / 1e9;
            long answered = after.answered() - before.answered();
            System.out.printf(
                    Locale.ROOT,
                    "%.0f requests a second, %.1f in a batch, device at it for %.0f %% of the time (two batches at once count twice), p99 %.1f"
                            + " ms, %s%n",
                    answered / seconds,
                    (after.rows() - before.rows()) / (double) Math.max(1, after.batches() - before.batches()),
                    100 * busy / seconds,
                    after.total().percentile(99).toNanos() / 1e6,
                    after.graphs());
        } finally {
            callers.shutdown();
        }
    }

    private static void load(Predictor<Integer, Float> predictor, ExecutorService callers, long nanos)
            throws Exception {
        long end = System.nanoTime() + nanos;
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            int number = i;
            all.add(callers.submit(() -> {
                while (System.nanoTime() < end) {
                    predictor.predict(number);
                }
                return number;
            }));
        }
        for (Future<?> one : all) {
            one.get();
        }
    }

    /** Rows of one number each; the answer's first number. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Filled(DataType type, long[] row) implements Handler<Integer, Float> {
        @Override
        public Answer<Float> preprocess(Integer request, Inputs inputs) {
            if (type == DataType.INT64) {
                long[] ids = new long[(int) elements()];
                Arrays.fill(ids, request);
                inputs.tensor(type, row).copyFrom(Tensor.of(ids, row));
            } else {
                float[] numbers = new float[(int) elements()];
                Arrays.fill(numbers, request / 64f);
                inputs.tensor(type, row).copyFrom(numbers);
            }
            return output -> output.asTensor().toFloatArray()[0];
        }

        private long elements() {
            return Arrays.stream(row).reduce(1, (a, b) -> a * b);
        }
    }
}
