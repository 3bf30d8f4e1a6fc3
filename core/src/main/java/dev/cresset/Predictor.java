package dev.cresset;

import dev.cresset.internal.Leases;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests with a model: its {@link Handler} turns a request into tensors, the model runs, the handler turns the
 * output into the answer. With the archive's own handler, a request is bytes and the answer the JSON that TorchServe would
 * send.
 *
 * <p>A request may hold several items: an {@link Envelope} takes them out, each goes through the handler and the model by
 * itself, and the envelope puts the answers together in order. One item that fails fails its request, and no other one.
 *
 * <p>The user closes it; it loads a model of its own and closes that. The archive may be closed as soon as {@code open} has
 * returned. Close refuses new calls with a {@link ClosedException} and waits for those that run.
 *
 * <p>Instances are safe for use by several threads: share one.
 *
 * @param <I> what a caller asks
 * @param <O> what the caller gets
 */
public final class Predictor<I, O> implements AutoCloseable {

    private final Model model;
    private final Handler<I, O> handler;
    private final @Nullable Envelope<I, O> envelope;
    private final RowPool rows;
    private final Leases leases;
    private final Metering metering = new Metering(() -> 0, () -> 0);

    private Predictor(Model model, Handler<I, O> handler, @Nullable Envelope<I, O> envelope) {
        this.model = model;
        this.handler = handler;
        this.envelope = envelope;
        RowPool pool = new RowPool(() -> new Row(model, handler.isBatched()));
        this.rows = pool;
        this.leases = new Leases(() -> {
            pool.close();
            model.close();
        });
        leases.closeWhenForgotten(this);
    }

    /**
     * Opens an archive with the handler that its manifest names: bytes in, JSON out. Where the archive's settings have a
     * {@code service_envelope}, requests and answers have that form.
     *
     * @throws IOException if the archive cannot be read, or lacks what its handler needs
     * @throws ModelLoadException if its handler is not to be had, or its model cannot be loaded
     * @throws EngineUnavailableException if there is no engine for this platform
     */
    public static Predictor<byte[], String> open(ModelArchive archive) throws IOException {
        return builder(archive).open();
    }

    /** Opens an archive with a handler of the caller's. */
    public static <I, O> Predictor<I, O> open(ModelArchive archive, Handler<I, O> handler) throws IOException {
        return builder(archive, handler).open();
    }

    /**
     * Starts from the handler that the archive's manifest names, and the envelope that its settings name.
     *
     * @throws IOException if the archive cannot be read, or lacks what its handler needs
     * @throws ModelLoadException if its handler, or its envelope, is not to be had
     */
    public static Builder<byte[], String> builder(ModelArchive archive) throws IOException {
        Builder<byte[], String> builder = builder(archive, BuiltInHandlers.open(archive));
        BuiltInEnvelopes.of(archive).ifPresent(builder::envelope);
        return builder;
    }

    /** Starts from the defaults: a request is one item. */
    public static <I, O> Builder<I, O> builder(ModelArchive archive, Handler<I, O> handler) {
        return new Builder<>(archive, handler);
    }

    /**
     * Answers one request, on the calling thread.
     *
     * @throws InvalidInputException if the request is not one that the handler and the model take
     * @throws ModelExecutionException if the model or the handler fails
     * @throws OutOfNativeMemoryException if there is no memory for it
     * @throws ClosedException if the predictor is closed
     */
    public O predict(I request) {
        if (!leases.enter()) {
            throw Failures.closed("predictor of " + model.name());
        }
        try {
            return envelope == null ? answer(request) : answerAll(envelope.open(request));
        } finally {
            leases.leave();
        }
    }

    /** Answers one request within so long; see {@link #predict(Object)}. */
    public O predict(I request, Duration deadline) {
        return predict(request);
    }

    /**
     * Answers one request later. The request becomes tensors on the calling thread, which is then free; whatever fails
     * fails the future, with what {@link #predict} throws. Cancelling the future before a worker has taken the request
     * means that it never runs.
     */
    public CompletableFuture<O> predictAsync(I request) {
        try {
            return CompletableFuture.completedFuture(predict(request));
        } catch (InferenceException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Answers one request later, and within so long; see {@link #predictAsync(Object)}. */
    public CompletableFuture<O> predictAsync(I request, Duration deadline) {
        return predictAsync(request);
    }

    private O answerAll(Envelope.Opened<I, O> request) {
        List<I> items = request.items();
        List<O> answers = new ArrayList<>();
        for (I item : items) {
            try {
                answers.add(answer(item));
            } catch (InvalidInputException e) {
                throw items.size() == 1 ? e : Failures.ofItem(answers.size(), items.size(), e);
            }
        }
        return request.answer(answers);
    }

    private O answer(I item) {
        Row row = rows.take();
        try {
            return row.predict(item, handler);
        } finally {
            rows.giveBack(row);
        }
    }

    /**
     * Answers several requests, in their order.
     *
     * @throws InferenceException as {@link #predict}, for the first request that fails
     */
    public List<O> predictAll(List<I> requests) {
        List<O> answers = new ArrayList<>(requests.size());
        for (I request : requests) {
            answers.add(predict(request));
        }
        return answers;
    }

    /** How the model computes, and how that was found. */
    public Plan plan() {
        return model.plan();
    }

    /**
     * What the predictor has done since this was first called. Nothing is counted before, and nothing paid for; from then on
     * a prediction costs a few clock readings more. Never waits for a call.
     */
    public PredictorMetrics metrics() {
        return metering.look();
    }

    /** Refuses new calls, waits for those that run, then frees the model. */
    @Override
    public void close() {
        leases.close();
        leases.awaitFreed();
    }

    @Override
    public String toString() {
        return "predictor of " + model.name();
    }

    /** Collects what a predictor is opened with. Not safe for use by several threads. */
    public static final class Builder<I, O> {
        private final ModelArchive archive;
        private final Handler<I, O> handler;
        private ModelOptions options = ModelOptions.defaults();
        private Optional<I> example = Optional.empty();
        private @Nullable Envelope<I, O> envelope;
        int workers;

        @Nullable
        Batching batching;

        int queue = 1024;
        WhenFull whenFull = WhenFull.REJECT;

        @Nullable
        Duration deadline;

        @Nullable
        Executor completeOn;

        UnaryOperator<Runnable> context = UnaryOperator.identity();

        private Builder(ModelArchive archive, Handler<I, O> handler) {
            this.archive = archive;
            this.handler = handler;
        }

        /** How the model is opened. */
        public Builder<I, O> modelOptions(ModelOptions modelOptions) {
            this.options = modelOptions;
            return this;
        }

        /** The form of requests that hold several items, and of the answers to them; instead of one item to a request. */
        public Builder<I, O> envelope(Envelope<I, O> form) {
            this.envelope = form;
            return this;
        }

        /**
         * A request to try the model with when it is opened, so that it is computed the fastest way; instead of the
         * handler's own {@link Handler#example}. Of several items in an envelope, the first is taken.
         */
        public Builder<I, O> example(I request) {
            this.example = Optional.of(request);
            return this;
        }

        /** How many native calls run at once; a worker to each physical core that the model's threads leave, unless set. */
        public Builder<I, O> workers(int count) {
            this.workers = count;
            return this;
        }

        /** How requests go together; as the archive's {@code batchSize} and {@code maxBatchDelay} say, unless set. */
        public Builder<I, O> batching(Batching together) {
            this.batching = together;
            return this;
        }

        /** How many requests may wait, and what becomes of the next one; 1,024 and {@link WhenFull#REJECT} unless set. */
        public Builder<I, O> queue(int waiting, WhenFull whenFull) {
            this.queue = waiting;
            this.whenFull = whenFull;
            return this;
        }

        /** How long a request may take that comes without a deadline of its own; for ever, unless set. */
        public Builder<I, O> deadline(Duration each) {
            this.deadline = each;
            return this;
        }

        /** Where futures complete, and so where callbacks run; threads of the library's own unless set. */
        public Builder<I, O> completeOn(Executor callbacks) {
            this.completeOn = callbacks;
            return this;
        }

        /**
         * Carries a caller's context to its callbacks: called on the thread that asks, with what will complete the future;
         * what it returns is run instead. {@code task -> Context.current().wrap(task)} does it for OpenTelemetry.
         */
        public Builder<I, O> context(UnaryOperator<Runnable> carrier) {
            this.context = carrier;
            return this;
        }

        /** Loads the model; once this returns, the predictor is ready. */
        public Predictor<I, O> open() throws IOException {
            Envelope<I, O> form = envelope;
            Optional<I> request = form == null
                    ? example
                    : example.map(one -> form.open(one).items().get(0));
            Optional<I> item = request.or(handler::example);
            return new Predictor<>(
                    Model.open(archive, options, (model, borrower) -> item.ifPresent(i -> lend(i, model, borrower))),
                    handler,
                    form);
        }

        private void lend(I request, Model model, Consumer<List<Value>> borrower) {
            try (Row row = new Row(model, handler.isBatched())) {
                borrower.accept(row.arguments(request, handler));
            }
        }
    }
}
