package dev.cresset.flink;

import dev.cresset.Batching;
import dev.cresset.Handler;
import dev.cresset.Predictor;
import dev.cresset.mar.ModelArchive;
import dev.cresset.registry.Prediction;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.EitherTypeInfo;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * How the records of a stream are scored by a model:
 *
 * <pre>{@code
 * Scoring<Payment, Alert> scoring = Scoring.builder(ModelLocation.at("/models/risk.mar"), () -> TensorHandler.ofFloats(30))
 *         .records(Payment::features, (Payment payment, float[] risk) -> new Alert(payment.id(), risk[0]))
 *         .onFailure(OnFailure.drop())
 *         .build();
 * DataStream<Alert> alerts = scoring.unordered(payments, Alert.class);
 * }</pre>
 *
 * <p>Nothing is lost or doubled over a restart: a record that has no result yet when a checkpoint is taken is part of the checkpoint, or
 * scored before it. What was scored after the last checkpoint is scored again.
 *
 * <p>On each task manager the model is opened once, for all subtasks of the job that score alike, and closed with the last of them. It
 * is opened before the first record; if it cannot be opened, the job fails with the reason.
 *
 * <p>Immutable, serialisable, safe for use by several threads.
 *
 * @param <T> the records' type
 * @param <R> the results' type
 */
public final class Scoring<T, R> implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Where neither an archive nor the user says how requests go together: in batches of as many as pay. */
    static final Batching BATCHING = Batching.upTo(64);

    private final Definition<?, ?, T, R> definition;
    private final String name;
    private final @Nullable String uid;
    private final @Nullable Integer parallelism;

    private Scoring(
            Definition<?, ?, T, R> definition, String name, @Nullable String uid, @Nullable Integer parallelism) {
        this.definition = definition;
        this.name = name;
        this.uid = uid;
        this.parallelism = parallelism;
    }

    /** Starts from the defaults, with a handler that is made once a predictor: {@code () -> TensorHandler.ofFloats(30)}. */
    public static <I, O> Builder<I, O, I, O> builder(ModelLocation model, HandlerFactory<I, O> handler) {
        return start(model, new PredictorSettings.OfNothing<>(Objects.requireNonNull(handler, "handler")));
    }

    /**
     * Starts from the defaults, with a handler that is made of the archive: {@code archive -> ImageClassifier.of(archive, options)}.
     */
    public static <I, O> Builder<I, O, I, O> builder(ModelLocation model, ArchiveHandlerFactory<I, O> handler) {
        return start(model, new PredictorSettings.OfArchive<>(Objects.requireNonNull(handler, "handler")));
    }

    /** Starts from the defaults, with the handler that the archive names: bytes in, JSON out. */
    public static Builder<byte[], String, byte[], String> builder(ModelLocation model) {
        return start(model, new PredictorSettings.OfManifest());
    }

    private static <I, O> Builder<I, O, I, O> start(
            ModelLocation model, PredictorSettings.HandlerSource<I, O> handler) {
        return new Builder<>(
                Objects.requireNonNull(model, "model"),
                handler,
                request -> request,
                (request, prediction) -> prediction.value());
    }

    /**
     * Makes a handler, on a task manager.
     *
     * @param <I> what the model is asked
     * @param <O> what it answers
     */
    @FunctionalInterface
    public interface HandlerFactory<I, O> extends Serializable {
        /** A new one, or one that several predictors may share. */
        Handler<I, O> open();
    }

    /**
     * Makes a handler of an archive, on a task manager.
     *
     * @param <I> what the model is asked
     * @param <O> what it answers
     */
    @FunctionalInterface
    public interface ArchiveHandlerFactory<I, O> extends Serializable {
        /** A new one. The archive is closed when the predictor is open. */
        Handler<I, O> open(ModelArchive archive) throws IOException;
    }

    /**
     * Sets more of a predictor, on a task manager.
     *
     * @param <I> what the model is asked
     * @param <O> what it answers
     */
    @FunctionalInterface
    public interface Customizer<I, O> extends Serializable {
        /** Returns the builder that it was given, with more set. */
        Predictor.Builder<I, O> customize(Predictor.Builder<I, O> builder);
    }

    /**
     * Makes a result of a record and of what the model answered. Called by the task's thread.
     *
     * @param <T> the record
     * @param <A> the answer
     * @param <R> the result
     */
    @FunctionalInterface
    public interface Joiner<T, A, R> extends Serializable {
        /** The result; what it throws is the record's failure. */
        R join(T record, A answer) throws Exception;
    }

    /**
     * Scores a stream; results come as they are ready, though never on the other side of a watermark than their record was. The
     * fastest form for models that take long.
     *
     * @param type the results'
     */
    public SingleOutputStreamOperator<R> unordered(DataStream<T> records, TypeInformation<R> type) {
        return async(records, type, AsyncDataStream.OutputMode.UNORDERED);
    }

    /** Scores a stream, results as they are ready; into a class that Flink knows the fields of. */
    public SingleOutputStreamOperator<R> unordered(DataStream<T> records, Class<R> type) {
        return unordered(records, TypeInformation.of(type));
    }

    /**
     * Scores a stream; results come in the order of their records.
     *
     * @param type the results'
     */
    public SingleOutputStreamOperator<R> ordered(DataStream<T> records, TypeInformation<R> type) {
        return async(records, type, AsyncDataStream.OutputMode.ORDERED);
    }

    /** Scores a stream in its order; into a class that Flink knows the fields of. */
    public SingleOutputStreamOperator<R> ordered(DataStream<T> records, Class<R> type) {
        return ordered(records, TypeInformation.of(type));
    }

    /**
     * Scores a stream, in its order, by as many records at once as may be in flight; the task's thread waits for them. The fastest form
     * for small models, where Flink's work for a record in flight is more than the model's, and the one for bounded streams. A record waits
     * for others for at most {@link Builder#maxDelay}, and for none at a watermark, a checkpoint or the end of the stream.
     *
     * @param type the results'
     */
    public SingleOutputStreamOperator<R> batched(DataStream<T> records, TypeInformation<R> type) {
        return named(
                records.transform(
                        name, type, new BatchScoringOperator<>(definition.cleaned(records), records.getType())),
                uid);
    }

    /** Scores a stream in its order, many records at once; into a class that Flink knows the fields of. */
    public SingleOutputStreamOperator<R> batched(DataStream<T> records, Class<R> type) {
        return batched(records, TypeInformation.of(type));
    }

    /**
     * The function alone, for {@code AsyncDataStream}, with a capacity and a timeout of the caller's, or retries. The capacity should be
     * what {@link Builder#capacity} says. Failed records cannot go to a side output there.
     *
     * @param type the results'
     * @throws IllegalStateException if they should
     */
    public RichAsyncFunction<T, R> function(TypeInformation<R> type) {
        if (definition.onFailure().tag().isPresent()) {
            throw new IllegalStateException("an asynchronous function has no side outputs, and failed records of "
                    + name + " go to one; take Scoring.unordered or ordered, or another OnFailure");
        }
        return definition.function(Emission.plain(), type);
    }

    private SingleOutputStreamOperator<R> async(
            DataStream<T> records, TypeInformation<R> type, AsyncDataStream.OutputMode mode) {
        Optional<OutputTag<FailedRecord<T>>> tag = definition.onFailure().tag();
        if (tag.isEmpty()) {
            return named(async(records, definition.function(Emission.plain(), type), mode), uid);
        }
        TypeInformation<Either<FailedRecord<T>, R>> either =
                new EitherTypeInfo<>(tag.get().getTypeInfo(), type);
        SingleOutputStreamOperator<Either<FailedRecord<T>, R>> scored =
                named(async(records, definition.function(Emission.either(), either), mode), uid);
        return scored.process(new SideOutputSplitter<>(tag.get()))
                .returns(type)
                .name(name + ": failures aside")
                .setParallelism(scored.getParallelism());
    }

    private <E> SingleOutputStreamOperator<E> async(
            DataStream<T> records, RichAsyncFunction<T, E> function, AsyncDataStream.OutputMode mode) {
        Duration timeout = definition.timeout();
        long millis = timeout == null ? 0 : Math.max(1, timeout.toMillis());
        return mode == AsyncDataStream.OutputMode.ORDERED
                ? AsyncDataStream.orderedWait(records, function, millis, TimeUnit.MILLISECONDS, definition.capacity())
                : AsyncDataStream.unorderedWait(
                        records, function, millis, TimeUnit.MILLISECONDS, definition.capacity());
    }

    private <E> SingleOutputStreamOperator<E> named(SingleOutputStreamOperator<E> operator, @Nullable String id) {
        SingleOutputStreamOperator<E> named = operator.name(name);
        if (parallelism != null) {
            named.setParallelism(parallelism);
        }
        return id == null ? named : named.uid(id);
    }

    @Override
    public String toString() {
        return name;
    }

    /**
     * Collects how records are scored. Not safe for use by several threads.
     *
     * @param <I> what the model is asked
     * @param <O> what it answers
     * @param <T> the records' type
     * @param <R> the results' type
     */
    public static final class Builder<I, O, T, R> {

        private final ModelLocation model;
        private final PredictorSettings.HandlerSource<I, O> handler;
        private final MapFunction<T, I> requests;
        private final Joiner<T, Prediction<O>, R> results;
        private Customizer<I, O> customizer = builder -> builder;
        private @Nullable OnFailure<T, R> onFailure;
        private int capacity = 256;
        private @Nullable Duration timeout;
        private Duration maxDelay = Duration.ofMillis(100);
        private @Nullable String name;
        private @Nullable String uid;
        private @Nullable Integer parallelism;

        private Builder(
                ModelLocation model,
                PredictorSettings.HandlerSource<I, O> handler,
                MapFunction<T, I> requests,
                Joiner<T, Prediction<O>, R> results) {
            this.model = model;
            this.handler = handler;
            this.requests = requests;
            this.results = results;
        }

        /**
         * What the model is asked of a record, and what becomes of its answer; unless set, a record is the request and a result the answer.
         * Both are called by the task's thread. What the first throws is the record's failure, as what the model does not take.
         *
         * @throws IllegalStateException if {@link #onFailure} was called before, for records of another type
         */
        public <T2, R2> Builder<I, O, T2, R2> records(MapFunction<T2, I> request, Joiner<T2, O, R2> result) {
            Objects.requireNonNull(result, "result");
            return predictions(request, (record, prediction) -> result.join(record, prediction.value()));
        }

        /**
         * Makes requests of records, and results of records and answers, which say the version of the model that they are of: {@link
         * Prediction#version}.
         */
        public <T2, R2> Builder<I, O, T2, R2> predictions(
                MapFunction<T2, I> request, Joiner<T2, Prediction<O>, R2> result) {
            if (onFailure != null) {
                throw new IllegalStateException(
                        "onFailure was set for records of another type; call records or predictions before it");
            }
            Builder<I, O, T2, R2> typed = new Builder<>(
                    model,
                    handler,
                    Objects.requireNonNull(request, "request"),
                    Objects.requireNonNull(result, "result"));
            typed.customizer = customizer;
            typed.capacity = capacity;
            typed.timeout = timeout;
            typed.maxDelay = maxDelay;
            typed.name = name;
            typed.uid = uid;
            typed.parallelism = parallelism;
            return typed;
        }

        /** What becomes of a record that cannot be scored; it fails the job, unless set. */
        public Builder<I, O, T, R> onFailure(OnFailure<T, R> policy) {
            this.onFailure = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * How many records of a subtask may be in flight; 256, unless set. The predictor's queue has places for those of all
         * subtasks, so none is refused. More in flight let more go together in a batch, and make a checkpoint larger.
         */
        public Builder<I, O, T, R> capacity(int inFlight) {
            if (inFlight < 1) {
                throw new IllegalArgumentException("capacity is " + inFlight + ", it must be at least 1");
            }
            this.capacity = inFlight;
            return this;
        }

        /**
         * How long a record may take, from when the model is asked; for ever, unless set. One that takes longer is a failure, {@link
         * dev.cresset.DeadlineExceededException}, and if it has not been run, it never is.
         */
        public Builder<I, O, T, R> timeout(Duration perRecord) {
            if (perRecord.isZero() || perRecord.isNegative()) {
                throw new IllegalArgumentException("timeout is " + perRecord + ", it must be more than zero");
            }
            this.timeout = perRecord;
            return this;
        }

        /** How long a record waits for others in {@link Scoring#batched}; 100 milliseconds, unless set. */
        public Builder<I, O, T, R> maxDelay(Duration delay) {
            if (delay.toMillis() < 1) {
                throw new IllegalArgumentException("maxDelay is " + delay + ", it must be at least a millisecond");
            }
            this.maxDelay = delay;
            return this;
        }

        /** Sets more of the predictor: {@code builder -> builder.batching(Batching.upTo(16)).workers(2)}. */
        public Builder<I, O, T, R> predictor(Customizer<I, O> more) {
            this.customizer = Objects.requireNonNull(more, "more");
            return this;
        }

        /** What Flink calls the operator; unless set, "score with" and the model's location. */
        public Builder<I, O, T, R> name(String operator) {
            this.name = Objects.requireNonNull(operator, "operator");
            return this;
        }

        /** The operator's ID in savepoints; Flink's own choice, unless set. A scoring with one is put on one stream. */
        public Builder<I, O, T, R> uid(String operator) {
            this.uid = Objects.requireNonNull(operator, "operator");
            return this;
        }

        /** How many subtasks score; as many as the job's parallelism says, unless set. */
        public Builder<I, O, T, R> parallelism(int subtasks) {
            if (subtasks < 1) {
                throw new IllegalArgumentException("parallelism is " + subtasks + ", it must be at least 1");
            }
            this.parallelism = subtasks;
            return this;
        }

        /** Freezes it. */
        public Scoring<T, R> build() {
            OnFailure<T, R> policy = onFailure == null ? OnFailure.failJob() : onFailure;
            return new Scoring<>(
                    new Definition<>(
                            model, handler, customizer, requests, results, policy, capacity, timeout, maxDelay),
                    name == null ? "score with " + model : name,
                    uid,
                    parallelism);
        }
    }
}
