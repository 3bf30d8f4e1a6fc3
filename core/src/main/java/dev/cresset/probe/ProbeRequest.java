package dev.cresset.probe;

import dev.cresset.ModelOptions;
import dev.cresset.engine.EngineOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a probe asks of the JVM that it starts, as a file. Both sides are of one version: the file has none.
 *
 * @param model the file or archive
 * @param modelOnly whether an archive's handler and samples are left alone
 */
record ProbeRequest(Path model, boolean modelOnly, ArchiveLimits limits, ModelOptions options) {

    void write(Path file) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            writeText(model.toUri().toString(), out); // not its name, which the other side's locale may lack
            out.writeBoolean(modelOnly);
            write(limits, out);
            write(options, out);
        }
    }

    static ProbeRequest read(Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            return new ProbeRequest(
                    Path.of(URI.create(readText(in))), in.readBoolean(), readLimits(in), readOptions(in));
        }
    }

    private static void write(ArchiveLimits limits, DataOutputStream out) throws IOException {
        out.writeInt(limits.maxEntries());
        out.writeInt(limits.maxNameLength());
        out.writeInt(limits.maxDepth());
        out.writeLong(limits.maxDirectoryBytes());
        out.writeLong(limits.maxEntryBytes());
        out.writeLong(limits.maxTotalBytes());
        out.writeInt(limits.maxCompressionRatio());
        out.writeInt(limits.maxManifestBytes());
        out.writeInt(limits.maxConfigBytes());
    }

    private static ArchiveLimits readLimits(DataInputStream in) throws IOException {
        return ArchiveLimits.builder()
                .maxEntries(in.readInt())
                .maxNameLength(in.readInt())
                .maxDepth(in.readInt())
                .maxDirectoryBytes(in.readLong())
                .maxEntryBytes(in.readLong())
                .maxTotalBytes(in.readLong())
                .maxCompressionRatio(in.readInt())
                .maxManifestBytes(in.readInt())
                .maxConfigBytes(in.readInt())
                .build();
    }

    private static void write(ModelOptions options, DataOutputStream out) throws IOException {
        writeText(options.engine().orElse(""), out);
        out.writeInt(options.engineOptions().size());
        for (EngineOptions one : options.engineOptions()) {
            writeText(one.engine(), out);
            out.writeInt(one.properties().size());
            for (Map.Entry<String, String> property : one.properties().entrySet()) {
                writeText(property.getKey(), out);
                writeText(property.getValue(), out);
            }
        }
        out.writeInt(options.intraOpThreads());
        out.writeInt(options.inputs().size());
        for (TensorSpec spec : options.inputs()) {
            writeText(spec.dataType().name(), out);
            writeShape(spec.shape(), out);
        }
        writeText(options.optimization().map(Enum::name).orElse(""), out);
        writeText(options.precision().name(), out);
        out.writeDouble(options.maxDeviation());
        out.writeBoolean(options.isTrusted());
        writeText(options.tuningBudget().toString(), out);
        write(options.exampleInputs(), out);
    }

    private static ModelOptions readOptions(DataInputStream in) throws IOException {
        ModelOptions.Builder builder = ModelOptions.builder();
        String engine = readText(in);
        if (!engine.isEmpty()) {
            builder.engine(engine);
        }
        EngineOptions[] engineOptions = new EngineOptions[in.readInt()];
        for (int i = 0; i < engineOptions.length; i++) {
            engineOptions[i] = readEngineOptions(in);
        }
        builder.engineOptions(engineOptions);
        builder.intraOpThreads(in.readInt());
        TensorSpec[] inputs = new TensorSpec[in.readInt()];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = TensorSpec.of(DataType.valueOf(readText(in)), readShape(in));
        }
        builder.inputs(inputs);
        String optimization = readText(in);
        if (!optimization.isEmpty()) {
            builder.optimization(Optimization.valueOf(optimization));
        }
        return builder.precision(Precision.valueOf(readText(in)))
                .maxDeviation(in.readDouble())
                .trusted(in.readBoolean())
                .tuningBudget(Duration.parse(readText(in)))
                .exampleInputs(readValues(in).toArray(new Value[0]))
                .build();
    }

    /** Not of the engine's own type, which this process need not know: what they say. */
    private record OptionsRead(String engine, Map<String, String> properties) implements EngineOptions {}

    private static EngineOptions readEngineOptions(DataInputStream in) throws IOException {
        String engine = readText(in);
        Map<String, String> properties = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            String name = readText(in);
            properties.put(name, readText(in));
        }
        return new OptionsRead(engine, properties);
    }

    private static void write(List<Value> values, DataOutputStream out) throws IOException {
        out.writeInt(values.size());
        for (Value value : values) {
            write(value, out);
        }
    }

    private static List<Value> readValues(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<Value> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(readValue(in));
        }
        return values;
    }

    private static void write(Value value, DataOutputStream out) throws IOException {
        if (value instanceof Tensor tensor) {
            out.writeByte('T');
            writeText(tensor.dataType().name(), out);
            writeShape(tensor.shape(), out);
            byte[] bytes = new byte[tensor.asByteBuffer().remaining()];
            tensor.asByteBuffer().get(bytes);
            out.write(bytes);
        } else if (value instanceof Value.IntValue number) {
            out.writeByte('i');
            out.writeLong(number.value());
        } else if (value instanceof Value.FloatValue number) {
            out.writeByte('f');
            out.writeDouble(number.value());
        } else if (value instanceof Value.BoolValue bool) {
            out.writeByte('b');
            out.writeBoolean(bool.value());
        } else if (value instanceof Value.StringValue text) {
            out.writeByte('s');
            writeText(text.value(), out);
        } else if (value instanceof Value.DictValue dict) {
            out.writeByte('d');
            write(List.copyOf(dict.entries().keySet()), out);
            write(List.copyOf(dict.entries().values()), out);
        } else if (value.isNone()) {
            out.writeByte('n');
        } else {
            out.writeByte(value instanceof Value.TupleValue ? 't' : 'l');
            write(value.asList(), out);
        }
    }

    private static Value readValue(DataInputStream in) throws IOException {
        char kind = (char) in.readByte();
        return switch (kind) {
            case 'T' -> readTensor(in);
            case 'i' -> Value.of(in.readLong());
            case 'f' -> Value.of(in.readDouble());
            case 'b' -> Value.of(in.readBoolean());
            case 's' -> Value.of(readText(in));
            case 'd' -> readDict(in);
            case 'n' -> Value.none();
            case 't' -> new Value.TupleValue(readValues(in));
            case 'l' -> Value.list(readValues(in));
            default -> throw new IOException("a request with a value of kind '" + kind + "'");
        };
    }

    private static Tensor readTensor(DataInputStream in) throws IOException {
        DataType type = DataType.valueOf(readText(in));
        Tensor tensor = Tensor.allocate(type, readShape(in));
        ByteBuffer target = tensor.asByteBuffer();
        target.put(in.readNBytes(target.remaining()));
        return tensor;
    }

    private static Value readDict(DataInputStream in) throws IOException {
        List<Value> keys = readValues(in);
        List<Value> values = readValues(in);
        Map<Value, Value> entries = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            entries.put(keys.get(i), values.get(i));
        }
        return new Value.DictValue(entries);
    }

    private static void writeShape(long[] shape, DataOutputStream out) throws IOException {
        out.writeInt(shape.length);
        for (long size : shape) {
            out.writeLong(size);
        }
    }

    private static long[] readShape(DataInputStream in) throws IOException {
        long[] shape = new long[in.readInt()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = in.readLong();
        }
        return shape;
    }

    private static void writeText(String text, DataOutputStream out) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String readText(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }
}
