package dev.cresset.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Batching;
import dev.cresset.ModelOptions;
import dev.cresset.Outcome;
import dev.cresset.Predictor;
import dev.cresset.engine.Optimization;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.FloatDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of docs/kafka-streams.md: its topology is compiled as it stands there and driven, its loop is in this file and runs. */
class KafkaStreamsTest {

    private static final Path FIXTURES = Path.of(System.getProperty("cresset.fixtures"));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path classes;

    private static List<String> snippets() throws IOException {
        List<String> found = new ArrayList<>();
        Matcher snippets = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(FIXTURES.resolveSibling("docs/kafka-streams.md")));
        while (snippets.find()) {
            found.add(snippets.group(1));
        }
        return found;
    }

    private static Predictor<float[], float[]> risk() throws IOException {
        try (ModelArchive archive = ModelArchive.open(FIXTURES.resolve("risk/risk.mar"))) {
            return Predictor.builder(archive, TensorHandler.ofFloats(30))
                    .batching(Batching.upTo(8))
                    .modelOptions(ModelOptions.builder()
                            .optimization(Optimization.FROZEN)
                            .tuningBudget(Duration.ofMillis(1))
                            .build())
                    .open();
        }
    }

    /** What the page's topology is for this predictor. */
    private Topology topology(URLClassLoader loader, Predictor<float[], float[]> risk) throws Exception {
        JavaFileObject source =
                new SimpleJavaFileObject(URI.create("memory:/ScoredTopic.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) throws IOException {
                        return snippets().get(0);
                    }
                };
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        List<String> options =
                List.of("-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
        ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, diagnostics, options, null, List.of(source))
                .call();
        assertThat(diagnostics.getDiagnostics())
                .filteredOn(found -> found.getKind() == Diagnostic.Kind.ERROR)
                .isEmpty();
        return (Topology) loader.loadClass("example.ScoredTopic")
                .getMethod("topology", Predictor.class)
                .invoke(null, risk);
    }

    private static byte[] bytes(float[] row) {
        ByteBuffer bytes = ByteBuffer.allocate(row.length * Float.BYTES);
        bytes.asFloatBuffer().put(row);
        return bytes.array();
    }

    private static float[] row(int of, int columns) {
        float[] row = new float[columns];
        for (int i = 0; i < columns; i++) {
            row[i] = of + i;
        }
        return row;
    }

    @Test
    void rows_areScored_andThoseThatCannotBeGoAside() throws Exception {
        try (URLClassLoader loader =
                        new URLClassLoader(new URL[] {classes.toUri().toURL()});
                Predictor<float[], float[]> risk = risk();
                TopologyTestDriver driver = new TopologyTestDriver(topology(loader, risk), new Properties())) {
            TestInputTopic<String, byte[]> rows =
                    driver.createInputTopic("rows", new StringSerializer(), new ByteArraySerializer());
            TestOutputTopic<String, Float> risks =
                    driver.createOutputTopic("risks", new StringDeserializer(), new FloatDeserializer());
            TestOutputTopic<String, byte[]> failed =
                    driver.createOutputTopic("rows-that-failed", new StringDeserializer(), new ByteArrayDeserializer());

            Map<String, Float> expected = new HashMap<>();
            for (int i = 0; i < 100; i++) {
                rows.pipeInput("row " + i, bytes(row(i, i == 42 ? 29 : 30)));
                if (i != 42) {
                    expected.put("row " + i, risk.predict(row(i, 30))[0]);
                }
            }

            assertThat(risks.readKeyValuesToMap()).isEqualTo(expected);
            assertThat(failed.readKeyValuesToList()).singleElement().satisfies(record -> {
                assertThat(record.key).isEqualTo("row 42");
                assertThat(record.value).isEqualTo(bytes(row(42, 29)));
            });
        }
    }

    @Test
    @SuppressWarnings("FutureReturnValueIgnored") // what a send fails with, the transaction's commit throws
    void loop_scoresWhatWasPolled_inOneTransaction() throws Exception {
        TopicPartition partition = new TopicPartition("rows", 0);
        try (Predictor<float[], float[]> risk = risk();
                MockConsumer<String, float[]> consumer = new MockConsumer<>("earliest");
                MockProducer<String, float[]> producer =
                        new MockProducer<>(true, null, new StringSerializer(), (topic, row) -> bytes(row))) {
            consumer.assign(List.of(partition));
            consumer.updateBeginningOffsets(Map.of(partition, 0L));
            for (int i = 0; i < 100; i++) {
                consumer.addRecord(new ConsumerRecord<>("rows", 0, i, "row " + i, row(i, i == 42 ? 29 : 30)));
            }
            producer.initTransactions();

            ConsumerRecords<String, float[]> polled = consumer.poll(Duration.ofMillis(100));
            List<ConsumerRecord<String, float[]>> records = new ArrayList<>();
            polled.forEach(records::add);
            List<Outcome<float[]>> outcomes =
                    risk.predictEach(records.stream().map(ConsumerRecord::value).toList());
            producer.beginTransaction();
            Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();
            for (int i = 0; i < outcomes.size(); i++) {
                ConsumerRecord<String, float[]> record = records.get(i);
                Outcome<float[]> outcome = outcomes.get(i);
                producer.send(
                        outcome.isAnswered()
                                ? new ProducerRecord<>("risks", record.key(), outcome.answer())
                                : new ProducerRecord<>("rows-that-failed", record.key(), record.value()));
                done.put(
                        new TopicPartition(record.topic(), record.partition()),
                        new OffsetAndMetadata(record.offset() + 1));
            }
            producer.sendOffsetsToTransaction(done, consumer.groupMetadata());
            producer.commitTransaction();

            assertThat(producer.history()).hasSize(100);
            assertThat(producer.history().get(42).topic()).isEqualTo("rows-that-failed");
            assertThat(producer.consumerGroupOffsetsHistory())
                    .singleElement()
                    .satisfies(groups ->
                            assertThat(groups.values()).containsExactly(Map.of(partition, new OffsetAndMetadata(100))));
        }
        String here = Files.readString(
                FIXTURES.resolveSibling("examples/src/test/java/dev/cresset/examples/KafkaStreamsTest.java"));
        assertThat(here.replaceAll("\\s+", "")).contains(snippets().get(1).replaceAll("\\s+", ""));
    }
}
