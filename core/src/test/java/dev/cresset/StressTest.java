package dev.cresset;

import dev.cresset.engine.EngineException;
import dev.cresset.engine.FakeModule;
import dev.cresset.engine.FakeModules;
import dev.cresset.engine.OpenThings;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** All at once, over the fake engine, which notices whatever is used after its end or left open. */
@ExtendWith(OpenThings.class)
class StressTest {

    private static final long SEED = 20261123;
    private static final float REFUSED_AT_ONCE = -1;
    private static final float REFUSED_WHEN_WRITTEN = -2;
    private static final float REFUSED_BY_THE_MODEL = -3;
    private static final float REFUSED_WHEN_READ = -4;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /** For each row, its numbers doubled, and their sum: whoever mixes rows up is seen. */
    private static Value doubledAndSummed(Tensor x) {
        int rows = (int) x.shape()[0];
        int width = (int) x.shape()[1];
        float[] in = x.toFloatArray();
        float[] out = new float[rows * (width + 1)];
        for (int row = 0; row < rows; row++) {
            float[] one = answer(Arrays.copyOfRange(in, row * width, (row + 1) * width));
            if (in[row * width] == REFUSED_BY_THE_MODEL) {
                throw new EngineException(EngineException.Kind.EXECUTION, "ValueError: a number to refuse");
            }
            System.arraycopy(one, 0, out, row * (width + 1), width + 1);
        }
        return Tensor.of(out, rows, width + 1);
    }

    private static float[] answer(float[] request) {
        float[] answer = new float[request.length + 1];
        for (int i = 0; i < request.length; i++) {
            answer[i] = 2 * request[i];
            answer[request.length] += request[i];
        }
        return answer;
    }

    private static final class Picky implements Handler<float[], float[]> {
        @Override
        public Answer<float[]> preprocess(float[] request, Inputs inputs) {
            if (request[0] == REFUSED_AT_ONCE) {
                throw new InvalidInputException("not this one");
            }
            Tensor x = inputs.tensor(DataType.FLOAT32, request.length);
            if (request[0] == REFUSED_WHEN_WRITTEN) {
                throw new IllegalArgumentException("not this one");
            }
            x.asFloatBuffer().put(request);
            return output -> postprocess(request, output);
        }

        float[] postprocess(float[] request, Value output) {
            if (request[0] == REFUSED_WHEN_READ) {
                throw new IllegalStateException("not this one");
            }
            return postprocess(output);
        }

        float[] postprocess(Value output) {
            return output.asTensor().toFloatArray();
        }
    }

    private static final class Sums implements Stress.Subject {
        private final ModelArchive archive;
        private final ExecutorService executor;

        Sums(ModelArchive archive, ExecutorService executor) {
            this.archive = archive;
            this.executor = executor;
        }

        @Override
        public Predictor<float[], float[]> open(Random random) throws IOException {
            Predictor.Builder<float[], float[]> builder = Predictor.builder(archive, new Picky())
                    .workers(1 + random.nextInt(3))
                    .batching(new Batching(1 + random.nextInt(12), Duration.ofNanos(random.nextInt(2) * 300_000L)))
                    .queue(8 << random.nextInt(6), random.nextBoolean() ? WhenFull.BLOCK : WhenFull.REJECT);
            if (random.nextInt(3) == 0) {
                builder.completeOn(executor);
            }
            if (random.nextInt(3) == 0) {
                builder.context(task -> () -> task.run());
            }
            return builder.open();
        }

        /** Mostly of a few lengths, at times of ever others: more than there are lanes. */
        @Override
        public float[] request(Random random) {
            int length = random.nextInt(50) == 0 ? 1 + random.nextInt(60) : 1 + random.nextInt(3);
            float[] request = new float[length];
            for (int i = 0; i < length; i++) {
                request[i] = random.nextInt(10_000);
            }
            return request;
        }

        @Override
        public Stress.Refused refused(Random random) {
            float[] request = request(random);
            request[0] = -1 - random.nextInt(4);
            return new Stress.Refused(
                    request,
                    request[0] == REFUSED_AT_ONCE ? InvalidInputException.class : ModelExecutionException.class);
        }

        @Override
        public boolean isAnswer(float[] request, float[] answer) {
            return Arrays.equals(answer(request), answer);
        }
    }

    @Test
    void everythingAtOnce() throws Exception {
        FakeModules.put(
                "sums",
                () -> new FakeModule()
                        .method(
                                "forward",
                                "x: Tensor",
                                "Tensor",
                                a -> doubledAndSummed(a.get(0).asTensor())));
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "sums", "sums", "none"))) {
            System.out.println(Stress.run(new Sums(archive, executor), SEED, Stress.length(Duration.ofSeconds(15))));
        } finally {
            executor.shutdownNow();
        }
    }
}
