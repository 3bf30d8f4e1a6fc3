package dev.cresset.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.TensorSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many rows two executors of one core each score, in turns with Spark without a model and with a loop without Spark. Run by
 * {@code benchmarks/spark.sh}. CPU time counts the executors' whole processes; on a machine with other work it is the steadier
 * figure.
 */
@EnabledIfSystemProperty(named = "cresset.spark.throughput", matches = ".+")
class ThroughputTest {

    private static final int ROUNDS = Integer.getInteger("cresset.spark.rounds", 5);

    private record Cost(double cpuNanos, double wallNanos) {}

    private final Map<String, List<Cost>> costs = new LinkedHashMap<>();

    /** Adds a column, as a function of a user's would that has no model. */
    private record WithoutModel(int columns) implements MapPartitionsFunction<Row, Row> {
        @Override
        public Iterator<Row> call(Iterator<Row> rows) {
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return rows.hasNext();
                }

                @Override
                public Row next() {
                    Row row = rows.next();
                    Object[] values = new Object[columns + 1];
                    for (int i = 0; i < columns; i++) {
                        values[i] = row.get(i);
                    }
                    values[columns] = 0.5f;
                    return RowFactory.create(values);
                }
            };
        }
    }

    @Test
    void risk(@TempDir Path folder) throws Exception {
        int rows = Integer.getInteger("cresset.spark.rows", 400_000);
        try (TwoHosts cluster = TwoHosts.start()) {
            SparkSession spark = session(cluster);
            RiskRows.of(spark, rows, 8).write().parquet(folder.resolve("rows").toString());
            Dataset<Row> table = spark.read().parquet(folder.resolve("rows").toString());
            ModelFunction score = ModelFunction.builder(ModelSource.broadcast(spark, Sessions.RISK))
                    .inputCols("features")
                    .input("features", TensorSpec.of(DataType.FLOAT32, 30))
                    .outputCol("risk")
                    .build(table.schema());
            StructType schema = table.schema().add("risk", "float");
            Encoder<Row> encoder = Encoders.row(schema);
            Map<String, Dataset<Row>> sides = new LinkedHashMap<>();
            sides.put("Spark, rows read and written", table);
            sides.put("Spark, a function without a model", table.mapPartitions(new WithoutModel(2), encoder));
            sides.put("Spark with the model", score.apply(table));
            rounds(spark, sides, rows, Sessions.RISK, List.of());
            spark.stop();
        }
        report("risk");
        assertThat(costs).hasSize(4);
    }

    @Test
    @EnabledIfSystemProperty(named = "cresset.spark.images", matches = ".+")
    void images() throws Exception {
        String archive = System.getProperty("cresset.spark.archive");
        String folder = System.getProperty("cresset.spark.images");
        int rows = Integer.getInteger("cresset.spark.imageRows", 160);
        try (TwoHosts cluster = TwoHosts.start()) {
            SparkSession spark = session(cluster);
            List<Row> contents = new ArrayList<>();
            List<byte[]> files = new ArrayList<>();
            try (Stream<Path> paths = Files.list(Path.of(folder))) {
                for (Path file : paths.sorted().toList()) {
                    files.add(Files.readAllBytes(file));
                }
            }
            for (int i = 0; i < rows; i++) {
                contents.add(RowFactory.create((Object) files.get(i % files.size())));
            }
            Dataset<Row> table = spark.createDataFrame(contents, StructType.fromDDL("content binary"))
                    .repartition(4)
                    .cache();
            table.count();
            Dataset<Row> scored = new ModelTransformer()
                    .setModel(archive)
                    .setInputCols("content")
                    .transform(table);
            rounds(spark, Map.of("Spark with the model", scored), rows, archive, List.of(folder));
            spark.stop();
        }
        report("images");
        assertThat(costs).hasSize(2);
    }

    private static SparkSession session(TwoHosts cluster) {
        return Sessions.quiet(Sessions.on(cluster)
                .config("spark.executor.extraJavaOptions", "-Dcresset.cache=off -XX:ActiveProcessorCount=1")
                .config("spark.locality.wait", "0")
                .getOrCreate());
    }

    private void rounds(
            SparkSession spark, Map<String, Dataset<Row>> sides, int rows, String archive, List<String> more)
            throws Exception {
        for (int round = 0; round <= ROUNDS; round++) {
            for (Map.Entry<String, Dataset<Row>> side : sides.entrySet()) {
                long cpu = cpuOfExecutors(spark);
                long wall = System.nanoTime();
                side.getValue().write().format("noop").mode("overwrite").save();
                long nanos = System.nanoTime() - wall;
                Cost cost = new Cost((cpuOfExecutors(spark) - cpu) / (double) rows, nanos / (double) rows);
                if (round > 0) {
                    costs.computeIfAbsent(side.getKey(), key -> new ArrayList<>())
                            .add(cost);
                }
            }
            if (round > 0) {
                add("a loop in two JVMs without Spark", plainLoop(archive, rows / 2, more));
            }
        }
    }

    private void add(String side, Cost cost) {
        costs.computeIfAbsent(side, key -> new ArrayList<>()).add(cost);
        System.out.printf("%s: %.2f µs of CPU, %.2f µs a row%n", side, cost.cpuNanos() / 1000, cost.wallNanos() / 1000);
    }

    /** Of both, whole. */
    private static long cpuOfExecutors(SparkSession spark) {
        Map<Long, Long> byProcess = new LinkedHashMap<>();
        Dataset<Long> two = spark.range(0, 2, 1, 2).as(Encoders.LONG());
        while (byProcess.size() < 2) {
            two.mapPartitions(
                            (MapPartitionsFunction<Long, String>)
                                    ids -> List.of(ProcessHandle.current().pid() + " "
                                                    + ((com.sun.management.OperatingSystemMXBean)
                                                                    ManagementFactory.getOperatingSystemMXBean())
                                                            .getProcessCpuTime())
                                            .iterator(),
                            Encoders.STRING())
                    .collectAsList()
                    .forEach(line ->
                            byProcess.put(Long.valueOf(line.split(" ", -1)[0]), Long.valueOf(line.split(" ", -1)[1])));
        }
        return byProcess.values().stream().mapToLong(Long::longValue).sum();
    }

    private static Cost plainLoop(String archive, int rows, List<String> more) throws Exception {
        List<Process> both = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            List<String> command = new ArrayList<>(List.of(
                    ProcessHandle.current().info().command().orElse("java"),
                    "-Xmx700m",
                    "-XX:ActiveProcessorCount=1",
                    "-Dcresset.cache=off",
                    "-Dcresset.fixtures=" + Sessions.FIXTURES,
                    "-cp",
                    Sessions.classPath(),
                    PlainLoop.class.getName(),
                    archive,
                    String.valueOf(rows)));
            command.addAll(more);
            both.add(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        }
        double cpu = 0;
        double wall = 0;
        for (Process process : both) {
            String[] result = result(process).split(" ", -1);
            cpu += Double.parseDouble(result[1]) / 2;
            wall += Double.parseDouble(result[2]) / 4; // two at once, half the rows each
        }
        return new Cost(cpu, wall);
    }

    private static String result(Process process) throws IOException {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            return lines.lines()
                    .filter(line -> line.startsWith("RESULT"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("the loop printed no result"));
        }
    }

    private void report(String model) {
        System.out.printf(
                "%n| %s | CPU a row, µs (median) | from - to | rows a second (median of wall) |%n|---|---|---|---|%n",
                model);
        costs.forEach((side, all) -> {
            double[] cpu = all.stream()
                    .mapToDouble(cost -> cost.cpuNanos() / 1000)
                    .sorted()
                    .toArray();
            double[] wall = all.stream()
                    .mapToDouble(cost -> 1e9 / cost.wallNanos())
                    .sorted()
                    .toArray();
            System.out.printf(
                    "| %s | %.2f | %.2f - %.2f | %,.0f |%n",
                    side, cpu[cpu.length / 2], cpu[0], cpu[cpu.length - 1], wall[wall.length / 2]);
        });
    }
}
