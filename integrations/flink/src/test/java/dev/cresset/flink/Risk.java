package dev.cresset.flink;

import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.engine.Optimization;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The risk model, its records, and what its answers should be. */
final class Risk {

    static final Path ARCHIVE = Path.of(System.getProperty("cresset.fixtures"), "risk", "risk.mar");
    static final Path FILE = ARCHIVE.resolveSibling("risk.pt");

    /** What is under test is not how fast the model is. */
    static final ModelOptions UNTUNED = ModelOptions.builder()
            .optimization(Optimization.FROZEN)
            .tuningBudget(Duration.ofMillis(1))
            .build();

    static final TypeInformation<Event> EVENT = TypeInformation.of(Event.class);

    private Risk() {}

    static Scoring.Builder<float[], float[], Event, Score> scoring(ModelLocation model) {
        return Scoring.builder(model, () -> TensorHandler.ofFloats(Event.COLUMNS))
                .predictions(Event::features, (event, risk) -> new Score(event.id(), risk.value()[0], risk.version()))
                .predictor(builder -> builder.modelOptions(UNTUNED));
    }

    static Scoring.Builder<float[], float[], Event, Score> scoring() {
        return scoring(ModelLocation.at(ARCHIVE.toString()));
    }

    /** A job with records from 0 on; every so manieth is bad, or none if that is 0. */
    static DataStream<Event> events(StreamExecutionEnvironment job, long count, long everyBad) {
        return job.fromSequence(0, count - 1)
                .map(id -> everyBad > 0 && id % everyBad == 0 ? Event.bad(id) : Event.of(id))
                .returns(EVENT);
    }

    static StreamExecutionEnvironment job(int parallelism) {
        StreamExecutionEnvironment job = StreamExecutionEnvironment.getExecutionEnvironment();
        job.setParallelism(parallelism);
        return job;
    }

    /** The plain predictor's answers, by key. */
    static float[] expected(int count) throws IOException {
        float[] expected = new float[count];
        try (ModelArchive archive = ModelArchive.open(ARCHIVE);
                Predictor<float[], float[]> risk = Predictor.builder(archive, TensorHandler.ofFloats(Event.COLUMNS))
                        .modelOptions(UNTUNED)
                        .open()) {
            for (int i = 0; i < count; i++) {
                expected[i] = risk.predict(Event.of(i).features())[0];
            }
        }
        return expected;
    }

    static final TypeInformation<Score> SCORE = Types.POJO(Score.class);
}
