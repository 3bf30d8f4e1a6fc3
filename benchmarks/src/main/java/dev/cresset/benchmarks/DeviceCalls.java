package dev.cresset.benchmarks;

import dev.cresset.engine.Device;
import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.EngineProvider;
import dev.cresset.engine.EngineSession;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.ModelSource;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Times one model of {@code gpu/models.py} on a device, from page-locked memory to page-locked memory: one call after the other, and two sessions
 * in turns, of which one copies while the other computes. Appends lines of model, numbers, batch, way and microseconds.
 */
public final class DeviceCalls {

    private static final Pattern NUMBERS = Pattern.compile("\\d+");

    private DeviceCalls() {}

    /** {@code MODEL.pt DEVICE BATCH SECONDS TSV}. */
    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[0]);
        Device device = Device.parse(args[1]);
        int batch = Integer.parseInt(args[2]);
        double seconds = Double.parseDouble(args[3]);
        String name = file.getFileName().toString().replace(".pt", "");
        String json = Files.readString(file.resolveSibling(name + ".json"));
        Matcher type = Pattern.compile("\"type\": \"(\\w+)\"").matcher(json);
        DataType dataType = type.find() ? DataType.valueOf(type.group(1).toUpperCase(Locale.ROOT)) : DataType.FLOAT32;
        String shapes = json.substring(json.indexOf('['), json.indexOf(']'));
        long[] one = NUMBERS.matcher(shapes)
                .results()
                .map(MatchResult::group)
                .mapToLong(Long::parseLong)
                .toArray();
        long[] shape = new long[one.length + 1];
        shape[0] = batch;
        System.arraycopy(one, 0, shape, 1, one.length);

        Engine engine = ServiceLoader.load(EngineProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals("torch"))
                .findFirst()
                .orElseThrow()
                .open();
        int dash = name.lastIndexOf('-');
        String numbers = Boolean.getBoolean("cresset.tf32") ? "tf32" : name.substring(dash + 1);
        StringBuilder lines = new StringBuilder();
        try (EngineModel frozen = engine.load(
                new ModelSource.InFile(name, file), new LoadOptions(1, true, Precision.AS_SAVED, List.of(), device))) {
            lines.append(lines(name.substring(0, dash), numbers, "", frozen, dataType, shape, seconds));
            if (frozen.optimizations().contains(Optimization.CHANNELS_LAST) && shape.length == 4) {
                try (EngineModel channelsLast = frozen.optimized(Optimization.CHANNELS_LAST)) {
                    lines.append(lines(
                            name.substring(0, dash),
                            numbers,
                            ", channels last",
                            channelsLast,
                            dataType,
                            shape,
                            seconds));
                }
            }
        }
        System.out.print(lines);
        Files.writeString(Path.of(args[4]), lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static String lines(
            String name, String numbers, String way, EngineModel model, DataType type, long[] shape, double seconds) {
        try (Side first = new Side(model, type, shape);
                Side second = new Side(model, type, shape)) {
            double alone = micros(first.session::run, seconds);
            InTurns both = new InTurns(first, second);
            double turns = micros(both::next, seconds);
            both.finish();
            String start = name + "\t" + numbers + "\t" + shape[0] + "\tCresset" + way;
            return String.format(Locale.ROOT, "%s\t%.1f%n%s, in turns\t%.1f%n", start, alone, start, turns);
        }
    }

    private static double micros(Runnable call, double seconds) {
        for (int i = 0; i < 5; i++) {
            call.run();
        }
        long end = System.nanoTime() + (long) (seconds * 1e9);
        double[] times = new double[1 << 20];
        int count = 0;
        while (count < 3 || (System.nanoTime() < end && count < times.length)) {
            long begin = System.nanoTime();
            call.run();
            times[count++] = (System.nanoTime() - begin) / 1e3;
        }
        Arrays.sort(times, 0, count);
        return times[count / 2];
    }

    /** Two sessions, one of which is always started. */
    private static final class InTurns {
        private Side started;
        private Side other;

        InTurns(Side first, Side second) {
            started = first;
            other = second;
            started.session.start();
        }

        void next() {
            other.session.start();
            started.session.await();
            Side next = other;
            other = started;
            started = next;
        }

        void finish() {
            started.session.await();
        }
    }

    /** A session and its memory. */
    private static final class Side implements AutoCloseable {
        private final Tensor input;
        private final Tensor output;
        final EngineSession session;

        Side(EngineModel model, DataType type, long[] shape) {
            input = tensor(model, type, shape);
            try (Value answer = model.invoke("forward", List.of(input))) {
                output = tensor(
                        model, answer.asTensor().dataType(), answer.asTensor().shape());
            }
            session = model.prepare("forward", List.of(input), List.of(output));
        }

        private static Tensor tensor(EngineModel model, DataType type, long[] shape) {
            long bytes = type.bytes();
            for (long size : shape) {
                bytes *= size;
            }
            Memory memory = model.hostMemory(bytes);
            return Tensor.ofEngine(type, shape, memory);
        }

        @Override
        public void close() {
            session.close();
            output.close();
            input.close();
        }
    }
}
