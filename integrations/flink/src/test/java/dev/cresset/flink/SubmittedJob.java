package dev.cresset.flink;

import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.handler.TensorHandler;
import java.lang.ref.WeakReference;
import java.time.Duration;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** A job as users submit it, in a class loader of its own; it tells what it did by accumulators. */
public final class SubmittedJob {

    private SubmittedJob() {}

    /** Which class loader it ran in, for whoever submitted it. */
    static final String LOADER = "dev.cresset.flink.test.loader";

    /** The job, for so many records; of types that Flink has, for its serialisers of others keep their class loaders. */
    public static JobGraph graph(long count) {
        StreamExecutionEnvironment job = Risk.job(2);
        Scoring<Long, Float> scoring = Scoring.builder(
                        ModelLocation.at(Risk.ARCHIVE.toString()), () -> TensorHandler.ofFloats(Event.COLUMNS))
                .records((Long id) -> Event.of(id).features(), (id, risk) -> risk[0])
                .predictor(builder -> {
                    System.getProperties().put(LOADER, new WeakReference<>(SubmittedJob.class.getClassLoader()));
                    // The bridge or nothing: where it cannot run, the other engine would, more slowly.
                    return builder.modelOptions(ModelOptions.builder()
                            .engine("torch")
                            .optimization(Optimization.FROZEN)
                            .tuningBudget(Duration.ofMillis(1))
                            .build());
                })
                .build();
        scoring.unordered(job.fromSequence(0, count - 1), Float.class)
                .map(new Counting())
                .returns(Float.class)
                .sinkTo(new DiscardingSink<>());
        return job.getStreamGraph().getJobGraph();
    }

    private static final class Counting extends RichMapFunction<Float, Float> {
        private static final long serialVersionUID = 1L;

        private final LongCounter scored = new LongCounter();

        @Override
        public void open(OpenContext context) {
            getRuntimeContext().addAccumulator("scored", scored);
        }

        @Override
        public Float map(Float risk) {
            scored.add(1);
            return risk;
        }
    }
}
