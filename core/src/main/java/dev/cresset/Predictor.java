package dev.cresset;

import static java.util.Objects.requireNonNull;

import dev.cresset.engine.Device;
import dev.cresset.internal.Failures;
import dev.cresset.internal.Leases;
import dev.cresset.internal.batching.Batcher;
import dev.cresset.internal.requests.Deadline;
import dev.cresset.internal.requests.DefaultWorkers;
import dev.cresset.internal.requests.EnvelopeBatch;
import dev.cresset.internal.requests.EnvelopeLookup;
import dev.cresset.internal.requests.ItemFuture;
import dev.cresset.internal.requests.Metering;
import dev.cresset.internal.requests.RequestFuture;
import dev.cresset.internal.requests.RequestRunner;
import dev.cresset.internal.warmup.ArchiveSamples;
import dev.cresset.internal.warmup.WarmUp;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.management.ObjectName;
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

    private final List<Model> replicas;
    private final Model model;
    private final Batcher batcher;
    private final @Nullable Envelope<I, O> envelope;
    private final RequestRunner<I, O> answers;
    private final Leases leases;
    private final @Nullable Duration deadline;
    private final UnaryOperator<Runnable> context;
    private final Batching batching;
    private final Metering metering;
    private @Nullable PredictorMbean mbean; // guarded by this

    /** Takes over the replicas, which the batcher closes. */
    Predictor(List<Model> replicas, Batcher batcher, Metering metering, Builder<I, O> builder) {
        this.replicas = List.copyOf(replicas);
        this.model = replicas.get(0);
        this.batcher = batcher;
        this.envelope = builder.envelope;
        this.metering = metering;
        this.answers = new RequestRunner<>(
                model.name(), model.parameters(), builder.handler, batcher, builder.whenFull, metering);
        this.deadline = builder.deadline;
        this.context = builder.context;
        this.batching = new Batching(batcher.largestBatch(), Duration.ofNanos(batcher.maxDelayNanos()));
        this.leases = new Leases(batcher::close);
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
     * Opens a model's file alone, with a handler of the caller's: what {@code torch.jit.save} wrote ({@code .pt}), {@code
     * torch.export.save} ({@code .pt2}) or another engine's own exporter, told by its content.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws IOException if the file cannot be read
     * @throws ModelLoadException if the engine cannot load it
     * @throws EngineUnavailableException if there is no engine for this platform
     */
    public static <I, O> Predictor<I, O> open(Path pt, Handler<I, O> handler) throws IOException {
        return builder(pt, handler).open();
    }

    /**
     * Starts from the handler that the archive's manifest names, and the envelope that its settings name.
     *
     * @throws IOException if the archive cannot be read, or lacks what its handler needs
     * @throws ModelLoadException if its handler, or its envelope, is not to be had
     */
    public static Builder<byte[], String> builder(ModelArchive archive) throws IOException {
        Builder<byte[], String> builder = builder(archive, Handlers.open(archive));
        EnvelopeLookup.of(archive).ifPresent(builder::envelope);
        builder.archiveSamples = () -> ArchiveSamples.of(archive);
        return builder;
    }

    /** Starts from the defaults: a request is one item. */
    public static <I, O> Builder<I, O> builder(ModelArchive archive, Handler<I, O> handler) {
        return new Builder<>(
                PredictorOpening.Source.of(requireNonNull(archive, "archive")), requireNonNull(handler, "handler"));
    }

    /** Starts from the defaults for a model's file alone, such as a {@code .pt} or {@code .pt2}: a request is one item. */
    public static <I, O> Builder<I, O> builder(Path pt, Handler<I, O> handler) {
        return new Builder<>(PredictorOpening.Source.of(requireNonNull(pt, "pt")), requireNonNull(handler, "handler"));
    }

    /**
     * Answers one request; the calling thread waits.
     *
     * @throws InvalidInputException if the request is not one that the handler and the model take
     * @throws ModelExecutionException if the model or the handler fails
     * @throws OutOfNativeMemoryException if there is no memory for it
     * @throws DeviceFailedException if the device that ran it does not work any more
     * @throws OverloadedException if as many requests wait as may wait
     * @throws DeadlineExceededException if its deadline comes first
     * @throws ClosedException if the predictor is closed
     * @throws CancellationException if the thread is interrupted while it waits; it stays interrupted
     */
    public O predict(I request) {
        return predictUntil(request, deadline());
    }

    /** Answers one request within so long, and none that has no time left; see {@link #predict(Object)}. */
    public O predict(I request, Duration deadline) {
        return predictUntil(request, Deadline.after(deadline));
    }

    /** Closes, should one of them not be answered as it should be. */
    void answerSamples(WarmUp<I, O> warmUp) {
        boolean success = false;
        try {
            warmUp.run(request -> predictUntil(request, Deadline.NEVER));
            success = true;
        } finally {
            if (!success) {
                close();
            }
        }
    }

    private O predictUntil(I request, Deadline until) {
        requireNonNull(request, "request");
        enter();
        leases.beginCalling();
        try {
            Envelope<I, O> form = envelope;
            if (form == null) {
                return answers.answer(request, until);
            }
            Envelope.Opened<I, O> opened = counted(() -> form.open(request));
            List<I> items = counted(opened::items);
            return opened.answer(answers.answerAll(items, until));
        } finally {
            leave();
        }
    }

    /**
     * Answers several requests, in their order; in batches, if the predictor makes any. The first that fails, fails all, and
     * those behind it may not have been run: {@link #predictEach} answers the others.
     *
     * @throws InferenceException as {@link #predict}, for the first request that fails
     */
    public List<O> predictAll(List<I> requests) {
        return predictAll(requests, deadline());
    }

    /** Answers several requests, in their order, all of them within so long; see {@link #predictAll(List)}. */
    public List<O> predictAll(List<I> requests, Duration deadline) {
        return predictAll(requests, Deadline.after(deadline));
    }

    private List<O> predictAll(List<I> requests, Deadline until) {
        List<I> all = nonNull(requests);
        if (envelope != null) {
            List<O> found = new ArrayList<>(all.size());
            predictEach(all, until).forEach(outcome -> found.add(outcome.answer()));
            return found;
        }
        enter();
        leases.beginCalling();
        try {
            return answers.answerAll(all, until);
        } finally {
            leave();
        }
    }

    /**
     * Answers several requests, in their order; in batches, if the predictor makes any. Each fails alone: what became of it is
     * its {@link Outcome}.
     *
     * @throws ClosedException if the predictor is closed
     * @throws CancellationException if the thread is interrupted while it waits; it stays interrupted
     */
    public List<Outcome<O>> predictEach(List<I> requests) {
        return predictEach(nonNull(requests), deadline());
    }

    /** Answers several requests, in their order, all of them within so long; see {@link #predictEach(List)}. */
    public List<Outcome<O>> predictEach(List<I> requests, Duration deadline) {
        return predictEach(nonNull(requests), Deadline.after(deadline));
    }

    private List<Outcome<O>> predictEach(List<I> requests, Deadline until) {
        enter();
        leases.beginCalling();
        try {
            Envelope<I, O> form = envelope;
            if (form == null) {
                return answers.answerEach(requests, until);
            }
            EnvelopeBatch<I, O> batch = new EnvelopeBatch<>(form, answers::failed, requests);
            return batch.outcomes(answers.answerEach(batch.items(), until));
        } finally {
            leave();
        }
    }

    /**
     * Answers several requests later, in their order; in batches, if the predictor makes any. They become tensors on the
     * calling thread, and each takes a slot of the queue until it is answered: more of them than there are slots are an
     * {@link OverloadedException}, or wait for one ({@link Builder#queue}). One that cannot be
     * asked at all fails the future at once, and withdraws the others; otherwise it completes when the last of them has, and the
     * first of those that fail, in their order, fails it. Cancelling it cancels all.
     */
    public CompletableFuture<List<O>> predictAllAsync(List<I> requests) {
        return predictAllAsync(requests, deadline());
    }

    /** Answers several requests later, all of them within so long; see {@link #predictAllAsync(List)}. */
    public CompletableFuture<List<O>> predictAllAsync(List<I> requests, Duration deadline) {
        return predictAllAsync(requests, Deadline.after(deadline));
    }

    private CompletableFuture<List<O>> predictAllAsync(List<I> requests, Deadline until) {
        List<I> all = nonNull(requests);
        List<CompletableFuture<O>> asked = new ArrayList<>(all.size());
        for (int i = 0; i < all.size(); i++) {
            CompletableFuture<O> next = predictAsync(all.get(i), until);
            if (next.isCompletedExceptionally()) {
                asked.forEach(one -> one.cancel(false)); // nobody will get their answers
                return RequestFuture.failed(i, all.size(), next);
            }
            asked.add(next);
        }
        return RequestFuture.of(answers -> answers, asked);
    }

    private static <I> List<I> nonNull(List<I> requests) {
        List<I> all = new ArrayList<>(requests);
        for (int i = 0; i < all.size(); i++) {
            requireNonNull(all.get(i), "request " + (i + 1));
        }
        return all;
    }

    /**
     * Answers one request later. The request becomes tensors on the calling thread, which is then free. Whatever fails, fails
     * the future, with what {@link #predict(Object)} throws; this method itself throws nothing (but a {@link
     * NullPointerException} for null), and waits for nothing but a
     * slot in the queue ({@link WhenFull#BLOCK}).
     *
     * <p>The future may be cancelled: a request that has not been run then never is. Callbacks run away from the threads that
     * run the model ({@link Builder#completeOn}).
     */
    public CompletableFuture<O> predictAsync(I request) {
        return predictAsync(request, deadline());
    }

    /** Answers one request later, and within so long; see {@link #predictAsync(Object)}. */
    public CompletableFuture<O> predictAsync(I request, Duration deadline) {
        return predictAsync(request, Deadline.after(deadline));
    }

    private CompletableFuture<O> predictAsync(I request, Deadline until) {
        requireNonNull(request, "request");
        Envelope<I, O> form = envelope;
        if (form == null) {
            return ask(request, until);
        }
        Envelope.Opened<I, O> opened;
        List<I> items;
        try {
            opened = counted(() -> form.open(request));
            items = counted(opened::items);
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
        return RequestFuture.of(
                opened::answer, items.stream().map(item -> ask(item, until)).toList());
    }

    /** What an envelope cannot read is a failure as any other. */
    private <T> T counted(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (RuntimeException | Error e) {
            answers.failed(e);
            throw e;
        }
    }

    private CompletableFuture<O> ask(I item, Deadline until) {
        if (!leases.enter()) {
            return CompletableFuture.failedFuture(closed());
        }
        ItemFuture<I, O> answer = new ItemFuture<>(answers, item, until, leases);
        leases.calling(() -> answer.submit(context));
        return answer;
    }

    private Deadline deadline() {
        return deadline == null ? Deadline.NEVER : Deadline.after(deadline);
    }

    private void enter() {
        if (!leases.enter()) {
            throw closed();
        }
    }

    private void leave() {
        leases.endCalling();
        leases.leave();
    }

    private ClosedException closed() {
        return Failures.closed("predictor of " + model.name());
    }

    /** Where the model computes: one replica on each. */
    public List<Device> devices() {
        return replicas.stream().map(Model::device).toList();
    }

    /** How the model computes, and how that was found; of several replicas, the first. */
    public Plan plan() {
        return model.plan();
    }

    /** What its model's methods take and return, as the module declares them. */
    public Signature signature() {
        return model.signature();
    }

    /** How requests go together: as was asked for, but in batches no larger than pays, and none where the model forbids them. */
    public Batching batching() {
        return batching;
    }

    /**
     * What the predictor has done: its counts are of all requests since it was opened, its times and sizes of batches since this
     * was first called. From then on a prediction costs a few clock readings more. Never waits for a call.
     */
    public PredictorMetrics metrics() {
        return new PredictorMetrics(
                metering.tally(),
                metering.recording(),
                batcher.waiting(),
                batcher.running(),
                replicas.stream().map(Model::deviceReport).toList(),
                replicas.stream().map(Model::graphs).toList());
    }

    /**
     * Makes the numbers of {@link #metrics} known to JMX, as {@link PredictorMXBean}, until the predictor is closed. Once; again, it
     * returns the same name.
     */
    public synchronized ObjectName registerMBean() {
        PredictorMbean known = mbean;
        if (known == null) {
            enter(); // or a close would not see it
            try {
                known = new PredictorMbean(model.name(), this::metrics, this::plan);
                mbean = known;
            } finally {
                leases.leave();
            }
        }
        return known.name();
    }

    private synchronized void unregister() {
        if (mbean != null) {
            mbean.close();
            mbean = null;
        }
    }

    /**
     * Refuses new calls, waits for those that are under way, then frees the model. Those that have still not been run after
     * half a minute fail with a {@link ClosedException}; futures that their executor has not completed by then complete on a
     * thread of the library's own. Called from a callback or a handler of its own, it does not wait; in a shutdown hook, it
     * does not wait for calls one of which has called {@code System.exit}, and so waits for the hook.
     */
    @Override
    public void close() {
        leases.close();
        unregister();
        if (!leases.awaitFreed(batcher::completeRest)) {
            batcher.refuseWaiting(closed());
            batcher.completeRest();
        } else if (leases.isFreed()) {
            batcher.awaitFreed(); // a run that nobody waits for any more may still be on its way out
        }
    }

    @Override
    public String toString() {
        return "predictor of " + model.name();
    }

    /** Collects what a predictor is opened with. Not safe for use by several threads. */
    public static final class Builder<I, O> {
        final PredictorOpening.Source source;
        final Handler<I, O> handler;
        ModelOptions options = ModelOptions.defaults();
        Optional<I> example = Optional.empty();

        @Nullable
        Envelope<I, O> envelope;

        List<TensorSpec> inputs = List.of();
        WarmUp.Source<I, O> archiveSamples = List::of;
        final List<WarmUp.Sample<I, O>> samples = new ArrayList<>();
        List<Device> devices = List.of();
        int workers;

        @Nullable
        Batching batching;

        int queue = 1024;
        long queueMemory = Runtime.getRuntime().maxMemory() / 2;
        WhenFull whenFull = WhenFull.REJECT;

        @Nullable
        Duration deadline;

        @Nullable
        Executor completeOn;

        UnaryOperator<Runnable> context = UnaryOperator.identity();

        private Builder(PredictorOpening.Source source, Handler<I, O> handler) {
            this.source = source;
            this.handler = handler;
        }

        /** How the model is opened. */
        public Builder<I, O> modelOptions(ModelOptions modelOptions) {
            this.options = requireNonNull(modelOptions, "modelOptions");
            return this;
        }

        /**
         * What the tensors that {@code forward} takes must be like, in order, the dimension that counts items included. A
         * request that becomes anything else is an {@link InvalidInputException}, before native code sees it; and where all
         * sizes but the first are known, the model is tuned with them. Short for {@link ModelOptions.Builder#inputs}.
         */
        public Builder<I, O> inputs(TensorSpec... specs) {
            this.inputs = List.of(specs);
            return this;
        }

        /** The form of requests that hold several items, and of the answers to them; instead of one item to a request. */
        public Builder<I, O> envelope(Envelope<I, O> format) {
            this.envelope = requireNonNull(format, "format");
            return this;
        }

        /**
         * A request to try the model with when it is opened, so that it is computed the fastest way; instead of the
         * first warm-up sample, or the handler's own {@link Handler#example}. Of several items in an envelope, the first
         * is taken.
         */
        public Builder<I, O> example(I request) {
            this.example = Optional.of(requireNonNull(request, "request"));
            return this;
        }

        /** A sample: a request that is answered before {@link #open} returns. May be called several times. */
        public Builder<I, O> warmUp(I request) {
            samples.add(WarmUp.Sample.of(requireNonNull(request, "request")));
            return this;
        }

        /**
         * A sample whose answer is checked: {@link #open} fails if the answer is not accepted. A check that throws refuses
         * it, too, and its message is told. May be called several times.
         */
        public Builder<I, O> warmUp(I request, Predicate<? super O> accepted) {
            samples.add(WarmUp.Sample.of(requireNonNull(request, "request"), requireNonNull(accepted, "accepted")));
            return this;
        }

        /**
         * Leaves out the samples that the archive carries: its settings' {@code warmUp}. For one that is opened with another
         * envelope than they are in, or on purpose with other answers.
         */
        public Builder<I, O> withoutArchiveSamples() {
            this.archiveSamples = List::of;
            return this;
        }

        /**
         * Where the model computes, instead of where {@link ModelOptions#device} or the archive's settings say: a replica of it on
         * each, with workers of its own. A batch goes to the device that is free; should one fail, the others go on.
         *
         * <pre>{@code
         * Predictor.builder(archive).devices(Device.cuda(0), Device.cuda(1)).open()
         * }</pre>
         *
         * @throws IllegalArgumentException if there is none, or one twice
         */
        public Builder<I, O> devices(Device... where) {
            List<Device> all = List.of(where);
            if (all.isEmpty() || all.stream().distinct().count() < all.size()) {
                throw new IllegalArgumentException("devices are " + all + ", expected one or more, each once");
            }
            this.devices = all;
            return this;
        }

        /**
         * How many native calls run at once; one to each physical core, or to each device that is none of them, unless set
         * (docs/many-callers.md). They share the devices evenly.
         */
        public Builder<I, O> workers(int count) {
            this.workers = DefaultWorkers.checked(count);
            return this;
        }

        /** How requests go together; as the archive's {@code batchSize} and {@code maxBatchDelay} say, unless set. */
        public Builder<I, O> batching(Batching value) {
            this.batching = requireNonNull(value, "batching");
            return this;
        }

        /** How many requests may wait, and what becomes of the next one; 1,024 and {@link WhenFull#REJECT} unless set. */
        public Builder<I, O> queue(int waiting, WhenFull whenFull) {
            if (waiting < 1) {
                throw new IllegalArgumentException("queue is " + waiting + ", it must be at least 1");
            }
            this.queue = waiting;
            this.whenFull = requireNonNull(whenFull, "whenFull");
            return this;
        }

        /**
         * How many bytes the tensors of waiting requests may take, beside the heap; half of what the heap may become, unless set. The
         * largest kind of request that has come lately counts for all, so fewer wait than {@link #queue} says where requests are
         * large; what becomes of the next one is as it says there. One may always wait.
         */
        public Builder<I, O> queueMemory(long bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("queueMemory is " + bytes + ", it must be at least 1");
            }
            this.queueMemory = bytes;
            return this;
        }

        /** How long a request may take that comes without a deadline of its own; for ever, unless set. */
        public Builder<I, O> deadline(Duration perRequest) {
            if (perRequest.isNegative() || perRequest.isZero()) {
                throw new IllegalArgumentException("deadline is " + perRequest + ", it must be more than zero");
            }
            this.deadline = perRequest;
            return this;
        }

        /**
         * Where futures complete, and so where callbacks run; threads of the library's own unless set. They do, too, for an
         * executor that refuses a task. One that drops tasks without a word ({@code ThreadPoolExecutor.DiscardPolicy}) leaves
         * futures open: those with a deadline until a second after it, others until {@link Predictor#close}.
         */
        public Builder<I, O> completeOn(Executor callbacks) {
            this.completeOn = requireNonNull(callbacks, "callbacks");
            return this;
        }

        /**
         * Carries a caller's context to its callbacks: called on the thread that asks, with what will complete the future;
         * what it returns is run instead. {@code task -> Context.current().wrap(task)} does it for OpenTelemetry.
         */
        public Builder<I, O> context(UnaryOperator<Runnable> propagator) {
            this.context = requireNonNull(propagator, "propagator");
            return this;
        }

        /**
         * Loads the model and answers the samples; once this returns, the predictor is ready.
         *
         * @throws IOException if the archive cannot be read
         * @throws ModelLoadException if the model cannot be loaded, or a sample is not answered as it should be
         * @throws EngineUnavailableException if there is no engine for this platform
         * @throws DeviceUnavailableException if code or a property names a device that is not there
         * @throws OutOfDeviceMemoryException if the model is too large for its device
         */
        public Predictor<I, O> open() throws IOException {
            return new PredictorOpening<>(this).open();
        }
    }
}
