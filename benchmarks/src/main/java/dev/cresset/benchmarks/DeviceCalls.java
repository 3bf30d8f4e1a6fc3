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
import java.util.stream.LongStream;

/**
 * Times one model of {@code gpu/models.py} on a device, from page-locked memory to page-locked memory: one call after the other, and two sessions
 * in turns, of which one copies while the other computes; each kernel by kernel, and as CUDA graphs; in float32, and unless that is TF32, in
 * float16. Appends lines of model, numbers, batch, way and microseconds, as it goes.
 */
public final class DeviceCalls {

    private static final Pattern NUMBERS = Pattern.compile("\\d+");

    private static final int GRAPHS = 8;

    private final Engine engine = engine();
    private final ModelSource source;
    private final Device device;
    private final DataType type;
    private final long[] shape;
    private final double seconds;
    private final String name;
    private final Path tsv;

    private DeviceCalls(Path file, Device device, int batch, double seconds, Path tsv) throws IOException {
        String model = file.getFileName().toString().replace(".pt", "");
        String json = Files.readString(file.resolveSibling(model + ".json"));
        Matcher typed = Pattern.compile("\"type\": \"(\\w+)\"").matcher(json);
        String shapes = json.substring(json.indexOf('['), json.indexOf(']'));
        this.source = new ModelSource.InFile(model, file);
        this.device = device;
        this.type = typed.find() ? DataType.valueOf(typed.group(1).toUpperCase(Locale.ROOT)) : DataType.FLOAT32;
        this.shape = LongStream.concat(
                        LongStream.of(batch),
                        NUMBERS.matcher(shapes)
                                .results()
                                .map(MatchResult::group)
                                .mapToLong(Long::parseLong))
                .toArray();
        this.seconds = seconds;
        this.name = model.substring(0, model.lastIndexOf('-'));
        this.tsv = tsv;
    }

    /** {@code MODEL.pt DEVICE BATCH SECONDS TSV}. */
    public static void main(String[] args) throws IOException {
        DeviceCalls calls = new DeviceCalls(
                Path.of(args[0]),
                Device.parse(args[1]),
                Integer.parseInt(args[2]),
                Double.parseDouble(args[3]),
                Path.of(args[4]));
        boolean tf32 = Boolean.getBoolean("cresset.tf32");
        calls.time(Precision.AS_SAVED, tf32 ? "tf32" : "float32");
        if (!tf32 && !calls.device.isCpu()) {
            calls.time(Precision.FLOAT16, "float16");
        }
    }

    private static Engine engine() {
        return ServiceLoader.load(EngineProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals("torch"))
                .findFirst()
                .orElseThrow()
                .open();
    }

    private void time(Precision precision, String numbers) throws IOException {
        for (int graphs : device.isCpu() ? new int[] {0} : new int[] {0, GRAPHS}) {
            String way = "Cresset" + (graphs > 0 ? ", graph" : "");
            try (EngineModel frozen =
                    engine.load(source, new LoadOptions(1, true, precision, List.of(), device, graphs))) {
                time(frozen, numbers, way);
                if (frozen.optimizations().contains(Optimization.CHANNELS_LAST) && shape.length == 4) {
                    try (EngineModel channelsLast = frozen.optimized(Optimization.CHANNELS_LAST)) {
                        time(channelsLast, numbers, way + ", channels last");
                    }
                }
            }
        }
    }

    private void time(EngineModel model, String numbers, String way) throws IOException {
        try (Side first = new Side(model, type, shape);
                Side second = new Side(model, type, shape)) {
            append(numbers, way, micros(first.session::run, seconds));
            System.out.printf(Locale.ROOT, "the device's own time: %.1f%n", first.session.deviceNanos() / 1e3);
            InTurns both = new InTurns(first, second);
            append(numbers, way + ", in turns", micros(both::next, seconds));
            both.finish();
            System.out.println(way + ": " + model.graphs());
        }
    }

    private void append(String numbers, String way, double micros) throws IOException {
        String line = String.format(Locale.ROOT, "%s\t%s\t%d\t%s\t%.1f%n", name, numbers, shape[0], way, micros);
        System.out.print(line);
        Files.writeString(tsv, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static double micros(Runnable call, double seconds) {
        for (int i = 0; i < 20; i++) { // until a graph is trusted, also where two take turns
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
