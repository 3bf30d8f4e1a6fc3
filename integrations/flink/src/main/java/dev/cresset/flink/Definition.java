package dev.cresset.flink;

import dev.cresset.registry.Prediction;
import dev.cresset.registry.SharedModels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
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

    /** The models that are open in this process; as many sets as there are class loaders with this class. */
    static final SharedModels<List<Object>, OpenModel<?, ?>> MODELS =
            SharedModels.builder().build();

    /** Opens the model for a subtask, or takes its share of the one that is open. */
    @SuppressWarnings("unchecked") // a key stands for one handler, of one class loader
    SharedModels.Lease<OpenModel<I, O>> acquire(RuntimeContext task) throws IOException, InterruptedException {
        int inFlight = Math.multiplyExact(capacity, task.getTaskInfo().getNumberOfParallelSubtasks());
        PredictorSettings<I, O> settings = new PredictorSettings<>(handler, customizer, inFlight);
        // Classes of one job are not those of another, and neither are its handlers.
        List<Object> key = List.of(
                task.getUserCodeClassLoader(), EmbeddedLocation.sha256(serialized(settings)), model.identity(task));
        try {
            return (SharedModels.Lease<OpenModel<I, O>>)
                    (SharedModels.Lease<?>) MODELS.acquire(key, () -> model.open(settings, task));
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        }
    }

    private static IOException rethrown(@Nullable Throwable why) {
        if (why instanceof RuntimeException e) {
            throw e;
        }
        if (why instanceof Error e) {
            throw e;
        }
        return why instanceof IOException e ? e : new IOException(why);
    }

    private static byte[] serialized(Object object) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        return bytes.toByteArray();
    }
}
