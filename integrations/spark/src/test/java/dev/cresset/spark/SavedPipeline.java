package dev.cresset.spark;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Loads a saved pipeline, scores rows and prints what it answers: in a JVM that knows nothing but the folder. */
public final class SavedPipeline {

    private static final String MARK = "ANSWER ";

    private SavedPipeline() {}

    /** Arguments: the folder, and how many rows. */
    public static void main(String[] args) throws IOException {
        try (SparkSession spark = Sessions.local()) {
            PipelineModel pipeline = PipelineModel.load(args[0]);
            ModelTransformer stage = (ModelTransformer) pipeline.stages()[0];
            System.out.println(
                    MARK + "batchSize " + stage.getOrDefault((org.apache.spark.ml.param.Param<?>) stage.batchSize()));
            for (Row row : pipeline.transform(RiskRows.of(spark, Integer.parseInt(args[1]), 2))
                    .orderBy("id")
                    .select("risk")
                    .collectAsList()) {
                System.out.println(MARK + row.<Object>getAs(0));
            }
        }
    }

    /** What it prints in a JVM of its own: the stage's size of batches, then the scores. */
    static List<String> inANewJvm(Path folder, int rows) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--add-"))
                .forEach(command::add);
        command.addAll(List.of("-Dcresset.cache=off", "-Dcresset.fixtures=" + Sessions.FIXTURES));
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", Sessions.classPath()));
        command.addAll(List.of(SavedPipeline.class.getName(), folder.toString(), String.valueOf(rows)));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("the other JVM ended with " + process.exitValue() + ":\n" + said);
        }
        return said.lines()
                .filter(line -> line.startsWith(MARK))
                .map(line -> line.substring(MARK.length()))
                .toList();
    }
}
