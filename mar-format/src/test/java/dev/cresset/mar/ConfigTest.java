package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ModelConfig.Torchrun;
import dev.cresset.mar.internal.manifest.ManifestReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** An archive's YAML settings. */
class ConfigTest {
    @TempDir
    Path directory;

    static Stream<String> recorded() {
        return expected().keySet().stream().map(String::valueOf);
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void config_isWhatTorchServeReads(String file) throws IOException {
        ModelConfig config = config(Files.readString(configs().resolve(file)));

        assertThat(inTorchServesWords(config)).isEqualTo(expected().get(file));
    }

    /** With TorchServe's defaults where the file says nothing: it keeps no difference. */
    private static Map<String, Object> inTorchServesWords(ModelConfig config) {
        Map<String, Object> words = new LinkedHashMap<>();
        words.put("minWorkers", config.minWorkers().orElse(0));
        words.put("maxWorkers", config.maxWorkers().orElse(0));
        words.put("batchSize", config.batchSize().orElse(0));
        words.put("maxBatchDelay", millis(config.maxBatchDelay()));
        words.put("responseTimeout", seconds(config.responseTimeout(), 120));
        words.put("startupTimeout", seconds(config.startupTimeout(), 120));
        words.put("clientTimeoutInMills", millis(config.clientTimeout()));
        words.put("maxRetryTimeoutInSec", seconds(config.maxRetryTimeout(), 300));
        words.put("jobQueueSize", config.jobQueueSize().orElse(0));
        words.put("deviceType", config.deviceType().map(Enum::name).orElse("NONE"));
        words.put("deviceIds", config.deviceIds().isEmpty() ? null : config.deviceIds());
        words.put("parallelType", config.parallel().type().map(Enum::name).orElse("NONE"));
        words.put("parallelLevel", config.parallel().level().orElse(0));
        words.put("sequenceBatching", config.sequences().sequenceBatching());
        words.put("continuousBatching", config.sequences().continuousBatching());
        words.put("sequenceMaxIdleMSec", (int) config.sequences().maxIdle().toMillis());
        words.put("sequenceTimeoutMSec", (int) config.sequences().timeout().toMillis());
        words.put("maxSequenceJobQueueSize", config.sequences().maxJobQueueSize());
        words.put("maxNumSequence", config.sequences().maxNum());
        words.put("useJobTicket", config.useJobTicket());
        words.put("asyncCommunication", config.asyncCommunication());
        words.put("useVenv", config.useVenv());
        config.parallel().torchrun().ifPresent(torchrun -> words.put("torchrun", inTorchServesWords(torchrun)));
        return words;
    }

    private static Map<String, Object> inTorchServesWords(Torchrun torchrun) {
        Map<String, Object> words = new LinkedHashMap<>();
        words.put("nnodes", torchrun.nnodes());
        words.put("nproc-per-node", torchrun.nprocPerNode());
        words.put("rdzv-backend", torchrun.rdzvBackend());
        words.put("rdzv-endpoint", torchrun.rdzvEndpoint().orElse(null));
        words.put("rdzv-conf", torchrun.rdzvConf().orElse(null));
        words.put("monitor-interval", torchrun.monitorInterval());
        words.put("node-rank", torchrun.nodeRank());
        words.put("OMP_NUMBER_THREADS", torchrun.ompNumberThreads());
        return words;
    }

    private static int millis(Optional<Duration> duration) {
        return (int) duration.orElse(Duration.ZERO).toMillis();
    }

    private static int seconds(Optional<Duration> duration, int otherwise) {
        return (int) duration.orElse(Duration.ofSeconds(otherwise)).toSeconds();
    }

    @Test
    void config_realArchive() throws IOException {
        try (ModelArchive archive = ModelArchive.open(RealArchives.path("full.mar"))) {
            assertThat(archive.config().minWorkers()).hasValue(1);
            assertThat(archive.config().maxWorkers()).hasValue(2);
            assertThat(archive.config().batchSize()).isEmpty();
            assertThat(archive.config().warnings()).isEmpty();
        }
    }

    @Test
    void config_none() throws IOException {
        try (ModelArchive archive = ModelArchive.open(RealArchives.path("stored.mar"))) {
            assertThat(archive.config().settings()).isEmpty();
            assertThat(archive.config().maxBatchDelay()).isEmpty();
        }
    }

    @Test
    void settings_keepAllThatIsWritten() throws IOException {
        ModelConfig config = config("""
                batchSize: 2
                handler: {top_k: 3, mean: [0.5, 1], names: {0: cat, 1: dog}, on: true}
                made: 2024-09-24
                nothing:
                """);

        assertThat(config.settings().keySet()).containsExactly("batchSize", "handler", "made", "nothing");
        assertThat(config.settings())
                .containsEntry("made", Instant.parse("2024-09-24T00:00:00Z"))
                .containsEntry("nothing", null);
        assertThat(config.section("handler"))
                .containsEntry("top_k", 3)
                .containsEntry("mean", List.of(0.5, 1))
                .containsEntry("names", Map.of("0", "cat", "1", "dog"))
                .containsEntry("true", true);
        assertThat(config.section("batchSize")).isEmpty();
        assertThat(config.settings()).isUnmodifiable();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            batchSize: four    | setting 'batchSize' is 'four', expected a whole number; it is left out
            batchSize: 0       | setting 'batchSize' is 0, expected at least 1; taken as 1
            maxWorkers: -1     | setting 'maxWorkers' is -1, expected at least 0; it is left out
            deviceType: xpu    | setting 'deviceType' is 'xpu', expected one of cpu, gpu; it is left out
            deviceIds: [0, a]  | setting 'deviceIds' holds 'a', expected whole numbers only; it is left out
            torchrun: 3        | setting 'torchrun' is '3', expected a mapping; it is left out
            torchrun: {nnodes: x} | setting 'torchrun.nnodes' is 'x', expected a whole number; it is left out
            useVenv: maybe     | setting 'useVenv' is 'maybe', expected true or false; it is left out
            BatchSize: 4       | setting 'BatchSize' is ignored; write it 'batchSize'
            minWorkers:        | setting 'minWorkers' is empty, expected a whole number; it is left out
            """)
    void warnings_sayWhatWasLeftOut(String yaml, String expected) throws IOException {
        assertThat(config(yaml).warnings()).containsExactly(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            - a list                         | holds a list, expected a mapping
            just text                        | holds a single value, expected a mapping
            'a: [1, 2'                       | is not valid YAML at line 1, column 9
            'a: !!java.util.ArrayList []'    | is not valid YAML
            'a: !python/object:os.system x'  | is not valid YAML
            'a: *nobody'                     | is not valid YAML at line 1, column 4
            """)
    void open_notSettings(String yaml, String expected) throws IOException {
        Path file = archive(yaml);

        Refused.opening(file, Rule.CONFIG_SYNTAX)
                .hasMessageContaining("entry 'model-config.yaml' " + expected)
                .satisfies(refusal -> assertThat(refusal.entry()).contains("model-config.yaml"));
    }

    @Test
    void open_emptySettings() throws IOException {
        assertThat(config("").settings()).isEmpty();
        assertThat(config("# nothing\n---\n").settings()).isEmpty();
    }

    @Test
    void open_aliasesThatMultiply() throws IOException {
        StringBuilder yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 5; i++) {
            yaml.append("a%1$d: &a%1$d [%2$s]\n"
                    .formatted(
                            i,
                            String.join(
                                    ", ",
                                    List.of("*a" + (i - 1)).stream()
                                            .flatMap(alias ->
                                                    Stream.generate(() -> alias).limit(12))
                                            .toList())));
        }

        Refused.opening(archive(yaml.toString()), Rule.LIMIT).hasMessageContaining("more than 100,000 values");
    }

    @Test
    void open_tooManyAliases() throws IOException {
        String yaml = "a: &a [1]\nb: [" + "*a, ".repeat(60) + "1]\n";

        Refused.opening(archive(yaml), Rule.CONFIG_SYNTAX).hasMessageContaining("aliases");
    }

    @Test
    void open_settingsThatHoldThemselves() throws IOException {
        Refused.opening(archive("a: &a [*a]\n"), Rule.LIMIT).hasMessageContaining("nests deeper than 50");
    }

    @Test
    void open_deepSettings() throws IOException {
        Refused.opening(archive("a: " + "[".repeat(60) + "]".repeat(60)), Rule.CONFIG_SYNTAX)
                .hasMessageContaining("Nesting Depth exceeded");
    }

    @Test
    void open_longNumber() throws IOException {
        Refused.opening(archive("a: !!int " + "9".repeat(200_000)), Rule.CONFIG_SYNTAX)
                .hasMessageContaining("a number of 200000 digits, expected at most 1000");
    }

    @Test
    void open_largeSettings() throws IOException {
        Refused.opening(archive("a: " + "x".repeat(1 << 18)), Rule.LIMIT)
                .hasMessageContaining("has 262,147 bytes, more than 262,144; raise ArchiveLimits.maxConfigBytes");
    }

    private ModelConfig config(String yaml) throws IOException {
        try (ModelArchive archive = ModelArchive.open(archive(yaml))) {
            return archive.config();
        }
    }

    private Path archive(String yaml) throws IOException {
        Path file = new HostileZip()
                .stored("model-config.yaml", yaml)
                .stored(
                        ManifestReader.ENTRY,
                        "{'model': {'modelName': 'm', 'modelVersion': 1, 'configFile': 'model-config.yaml'}}")
                .in(directory);
        return file;
    }

    private static Path configs() {
        try {
            return Path.of(Objects.requireNonNull(ConfigTest.class.getResource("configs"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<?, ?> expected() {
        return JsonMapper.shared().readValue(configs().resolve("expected.json").toFile(), Map.class);
    }
}
