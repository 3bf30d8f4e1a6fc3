package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Answer;
import dev.cresset.Batching;
import dev.cresset.Handler;
import dev.cresset.InferenceException;
import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.ModelExecutionException;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.Stress;
import dev.cresset.WhenFull;
import dev.cresset.engine.Optimization;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** All at once over LibTorch, in a JVM of its own: the answers are PyTorch's, and the memory is given back. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class TorchStressTest {

    private static final Path RISK = Path.of(System.getProperty("cresset.fixtures"), "risk");
    private static final long SEED = 20261123;
    private static final float TOLERANCE = 1e-5f;
    private static final String MORE = "more MiB: ";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static final class RiskScores implements Stress.Subject {
        private final ModelArchive archive;
        private final List<float[]> rows = new ArrayList<>();
        private final float[] scores;

        RiskScores(ModelArchive archive) throws IOException {
            this.archive = archive;
            JsonNode expected = new JsonMapper()
                    .readTree(RISK.resolve("expected.json").toFile())
                    .get("scores");
            List<String> lines = Files.readAllLines(RISK.resolve("heldback.csv"));
            this.scores = new float[expected.size()];
            for (int i = 0; i < scores.length; i++) {
                String[] cells = lines.get(i + 1).split(",", -1);
                float[] row = new float[31]; // the last is the row's number, which the model does not see
                for (int j = 0; j < 30; j++) {
                    row[j] = Float.parseFloat(cells[j]);
                }
                row[30] = i;
                rows.add(row);
                scores[i] = (float) expected.get(i).asDouble();
            }
        }

        @Override
        public Predictor<float[], float[]> open(Random random) throws IOException {
            ModelOptions options = ModelOptions.builder()
                    .engine("torch")
                    .optimization(Optimization.FROZEN)
                    .build();
            return Predictor.builder(archive, new Numbered())
                    .modelOptions(options)
                    .workers(1 + random.nextInt(3))
                    .batching(new Batching(1 + random.nextInt(16), Duration.ofNanos(random.nextInt(2) * 300_000L)))
                    .queue(16 << random.nextInt(5), random.nextBoolean() ? WhenFull.BLOCK : WhenFull.REJECT)
                    .open();
        }

        @Override
        public float[] request(Random random) {
            return rows.get(random.nextInt(rows.size()));
        }

        /** Of a width that the model does not take. */
        @Override
        public Stress.Refused refused(Random random) {
            boolean empty = random.nextBoolean();
            Class<? extends InferenceException> reason =
                    empty ? InvalidInputException.class : ModelExecutionException.class;
            return new Stress.Refused(new float[empty ? 0 : 3 + random.nextInt(24)], reason);
        }

        @Override
        public boolean isAnswer(float[] request, float[] answer) {
            return answer.length == 1 && Math.abs(answer[0] - scores[(int) request[30]]) <= TOLERANCE;
        }
    }

    /** Leaves the row's number out. */
    private static final class Numbered implements Handler<float[], float[]> {
        private final Handler<float[], float[]> floats = TensorHandler.ofFloats();

        @Override
        public Answer<float[]> preprocess(float[] request, Inputs inputs) throws Exception {
            if (request.length == 0) {
                throw new InvalidInputException("nothing was asked");
            }
            return floats.preprocess(Arrays.copyOf(request, request.length - 1), inputs);
        }
    }

    /** Once for the memory that stays, then for what should not. */
    static final class Asks {
        private Asks() {}

        public static void main(String[] args) throws Exception {
            Duration length = Stress.length(Duration.ofSeconds(8));
            try (ModelArchive archive = ModelArchive.open(RISK.resolve("risk.mar"))) {
                RiskScores subject = new RiskScores(archive);
                System.out.println(Stress.run(subject, SEED, length.dividedBy(2)));
                long before = anonymousMiB();
                System.out.println(Stress.run(subject, SEED + 1, length.dividedBy(2)));
                System.out.println(MORE + (anonymousMiB() - before));
            }
        }

        private static long anonymousMiB() throws IOException {
            System.gc();
            String line = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(text -> text.startsWith("RssAnon:"))
                    .findFirst()
                    .orElseThrow();
            return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
        }
    }

    @Test
    void everythingAtOnce_leavesNothing() throws Exception {
        ChildJvm child = ChildJvm.run(
                Asks.class,
                entry -> true,
                folder,
                "-Xmx128m",
                "-Xms128m",
                "-XX:+AlwaysPreTouch",
                "-Dcresset.cache=off",
                "-Dcresset.stress=" + System.getProperty("cresset.stress", ""));
        assertThat(child.exitCode()).as(child.output()).isZero();
        System.out.println(child.output());
        int start = child.output().lastIndexOf(MORE) + MORE.length();
        assertThat(child.output().substring(start).lines().findFirst().map(Long::parseLong))
                .hasValueSatisfying(more -> assertThat(more).as(child.output()).isLessThan(64));
    }
}
