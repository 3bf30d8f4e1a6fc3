package dev.cresset.flink;

import dev.cresset.registry.Prediction;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Scoring} says, with all its types. It travels to the task managers.
 *
 * @param timeout null for none
 */
record Definition<I, O, T, R>(
        ModelLocation model,
        PredictorSettings.HandlerSource<I, O> handler,
        Scoring.Customizer<I, O> customizer,
        MapFunction<T, I> requests,
        Scoring.Joiner<T, Prediction<O>, R> results,
        OnFailure<T, R> onFailure,
        int capacity,
        @Nullable Duration timeout,
        Duration maxDelay)
        implements Serializable {

    /** Without what lambdas caught of the classes around them and do not use, as Flink does it for its own functions. */
    Definition<I, O, T, R> cleaned(DataStream<?> stream) {
        return stream.getExecutionEnvironment().clean(this);
    }

    <E> RichAsyncFunction<T, E> function(Emission<T, R, E> emission, TypeInformation<E> emitted) {
        return new ScoringFunction<>(this, emission, emitted);
    }

    /** Opens the model for a subtask, or takes its share of the one that is open. */
    SharedModels.Lease<I, O> acquire(RuntimeContext task) throws IOException, InterruptedException {
        int inFlight = Math.multiplyExact(capacity, task.getTaskInfo().getNumberOfParallelSubtasks());
        PredictorSettings<I, O> settings = new PredictorSettings<>(handler, customizer, inFlight);
        SharedModels.Key key = new SharedModels.Key(
                task.getUserCodeClassLoader(), EmbeddedLocation.sha256(serialized(settings)), model.identity(task));
        return SharedModels.acquire(key, () -> model.open(settings, task));
    }

    private static byte[] serialized(Object object) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        return bytes.toByteArray();
    }
}
