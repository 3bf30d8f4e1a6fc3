package dev.cresset.registry;

import dev.cresset.ClosedException;
import dev.cresset.InferenceException;
import dev.cresset.ModelLoadException;
import dev.cresset.Predictor;
import dev.cresset.PredictorMetrics;
import dev.cresset.RegistryConflictException;
import dev.cresset.UnknownModelException;
import dev.cresset.internal.Failures;
import dev.cresset.internal.Leases;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.ManifestModel;
import dev.cresset.mar.ModelArchive;
import dev.cresset.probe.ModelProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Several models by name, each in one or more versions, that are exchanged while they answer.
 *
 * <pre>{@code
 * try (ModelRegistry<byte[], String> models = ModelRegistry.open()) {   // each archive's own handler: bytes in, JSON out
 *     models.register(Path.of("digits.mar"));                           // name and version are the manifest's
 *     Prediction<String> answer = models.predict("digits", png);
 *     models.update(Path.of("digits-2.mar"));                           // while others predict
 * }
 * }</pre>
 *
 * <p>A request that names no version goes to the model's default version, or is shared out by {@link #split}. All of an answer
 * comes from one version, and {@link Prediction} says which.
 *
 * <p>A change takes effect at once for all requests that come after it. Those that came before are answered by the
 * version that they were sent to, which is freed when it has answered the last: no request fails because of a change. What cannot be
 * opened changes nothing. While a version is exchanged, the old one and the new one are both in memory.
 *
 * <p>The user closes it; it closes the predictors that it opened. Close refuses new requests and changes with a {@link
 * ClosedException} and waits for those that run, as {@link Predictor#close} does. One that follows folders is never garbage before
 * it is closed.
 *
 * <p>Requests and answers are of one type: registries of other types may stand beside it. Instances are safe for use by several threads:
 * changes of one model wait for each other while an archive is opened, requests wait for nobody.
 *
 * @param <I> what a caller asks
 * @param <O> what the caller gets
 */
public final class ModelRegistry<I, O> implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.cresset");

    private final Opener<I, O> opener;
    private final ArchiveLimits limits;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final @Nullable ModelProbe probe;
    private final VersionTable<I, O> models;

    /** A lock for each name that ever was, held while an archive is opened and the one before it drains. */
    private final ConcurrentHashMap<String, ReentrantLock> opening = new ConcurrentHashMap<>();

    private final List<Follower<I, O>> followers = new CopyOnWriteArrayList<>();
    private final AtomicLong revisions = new AtomicLong();
    private final Leases changes = new Leases(() -> {});

    private ModelRegistry(Builder<I, O> builder) {
        this.opener = builder.opener;
        this.limits = builder.limits;
        this.listeners.add(builder.listener);
        this.probe = builder.probe;
        this.models = new VersionTable<>(builder.patience);
    }

    /** Opens an empty one for archives with handlers of their own: bytes in, JSON out. */
    public static ModelRegistry<byte[], String> open() {
        return builder().open();
    }

    /** Opens an empty one for archives that are opened so. */
    public static <I, O> ModelRegistry<I, O> open(Opener<I, O> opener) {
        return builder(opener).open();
    }

    /** Starts from the defaults, for archives with handlers of their own. */
    public static Builder<byte[], String> builder() {
        return builder(Predictor::open);
    }

    /** Starts from the defaults. */
    public static <I, O> Builder<I, O> builder(Opener<I, O> opener) {
        return new Builder<>(opener);
    }

    /**
     * Makes a predictor of an archive, which the registry closes. When it returns, the predictor is ready for requests; when it
     * throws, what was in service stays. For each model it is called by one thread at a time.
     *
     * @param <I> what a caller asks
     * @param <O> what the caller gets
     */
    @FunctionalInterface
    public interface Opener<I, O> {
        /** Opens it; the archive is closed by the registry, afterwards. */
        Predictor<I, O> open(ModelArchive archive) throws IOException;
    }

    /**
     * Hears what becomes of the models, after it has: on the thread that changes them, and outside all locks. It should not close
     * the registry. What it throws is logged.
     */
    public interface Listener {
        /** A version is there that was not. */
        default void registered(ModelVersion version) {}

        /** A version is there in the place of another, which is drained and freed. */
        default void updated(ModelVersion before, ModelVersion after) {}

        /** A version is gone. */
        default void unregistered(ModelVersion version) {}

        /** An archive could not be put in service, or a folder could not be followed; what was in service is. */
        default void failed(Path path, Throwable reason) {}
    }

    /**
     * Opens an archive beside what there is, and puts it in service under the name and the version that its manifest has. A model's
     * first version is its default; later ones answer requests that name them, until {@link #split} or {@link #setDefault}.
     *
     * @throws IOException if the archive cannot be read, or lacks what its handler needs
     * @throws InferenceException whatever the opener throws: a {@link ModelLoadException} if its model cannot be loaded
     * @throws RegistryConflictException if the model has that version already
     * @throws ClosedException if the registry is closed
     */
    public ModelVersion register(Path archive) throws IOException {
        return put(archive, (served, model, version) -> null);
    }

    /**
     * Opens an archive beside what there is, and puts it in the place of the model's version of the same name; if there is none, in
     * the place of the model's default version. It takes over what that was: the default, and its share in a split. Returns
     * when the old one has answered its last request and is freed. If that takes longer than 30 seconds, it is freed later, when it
     * has.
     *
     * <p>If anything fails, the old one goes on.
     *
     * @throws IOException if the archive cannot be read, or lacks what its handler needs
     * @throws InferenceException whatever the opener throws: a {@link ModelLoadException} if its model cannot be loaded
     * @throws UnknownModelException if there is no such model to update
     * @throws ClosedException if the registry is closed
     */
    public ModelVersion update(Path archive) throws IOException {
        return put(archive, (served, model, version) -> {
            if (served == null) {
                throw models.absent(model);
            }
            return served.has(version) ? version : served.byDefault();
        });
    }

    /**
     * Registers an archive whose model is new, and updates with one whose model is there: for services that put in place what comes,
     * such as after a start. As {@link #register} the one, as {@link #update} the other.
     *
     * @throws IOException if the archive cannot be read, or lacks what its handler needs
     * @throws InferenceException whatever the opener throws: a {@link ModelLoadException} if its model cannot be loaded
     * @throws ClosedException if the registry is closed
     */
    public ModelVersion registerOrUpdate(Path archive) throws IOException {
        return put(archive, (served, model, version) -> {
            if (served == null) {
                return null;
            }
            return served.has(version) ? version : served.byDefault();
        });
    }

    /** Says which version an archive of this model and version replaces; null if none. */
    interface Replacement<I, O> {
        @Nullable
        String of(@Nullable ModelVersions<I, O> served, String model, String version);
    }

    /** Opens an archive and puts it into service, for what it replaces. */
    ModelVersion put(Path archive, Replacement<I, O> replacement) throws IOException {
        enterChange();
        try {
            return opened(archive, replacement);
        } catch (IOException | RuntimeException | Error e) {
            if (!models.isClosed()) {
                tell(to -> to.failed(archive, e));
            }
            throw e;
        } finally {
            changes.leave();
        }
    }

    private ModelVersion opened(Path path, Replacement<I, O> replacement) throws IOException {
        ModelVersion now;
        List<ModelVersion> before;
        try (ModelArchive archive = ModelArchive.open(path, limits)) {
            ManifestModel manifest = archive.manifest().model();
            String model = manifest.modelName();
            String version = manifest.modelVersion();
            ReentrantLock lock = opening.computeIfAbsent(model, name -> new ReentrantLock());
            lock.lock();
            try {
                // Now, to refuse without opening; and again when it counts, for there may be other versions by then.
                requireReplaced(replacement, model, version);
                requireReady(archive);
                VersionInService<I, O> live = opened(archive, model, version);
                VersionTable.Exchange<I, O> exchange = exchange(live, replacement);
                now = exchange.describe(live);
                before = exchange.retiredVersions();
                exchange.retired().forEach(models::retire);
            } finally {
                lock.unlock();
            }
        }
        if (before.isEmpty()) {
            tell(to -> to.registered(now));
        } else {
            tell(to -> to.updated(before.get(0), now));
        }
        return now;
    }

    /**
     * Tries the archive elsewhere before its model comes near this process. What was tried has to be what is open here: this one
     * reads from the file that it has opened, and holds what it reads to the checksums that it read then.
     */
    private void requireReady(ModelArchive archive) throws IOException {
        if (probe == null) {
            return;
        }
        ModelProbe.Report report = tried(probe, archive.path());
        if (!report.opens()) {
            throw new ModelLoadException(report.sentence());
        }
        if (!report.digest().equals(Optional.of(archive.sha256()))) {
            throw new ModelLoadException("cannot load " + archive.name()
                    + ": the file was changed while it was probed, and what is there now was not; try again");
        }
        LOG.log(System.Logger.Level.DEBUG, report::toString);
    }

    /** A probe does not outlast the registry, whose close waits for those that open something. */
    private ModelProbe.Report tried(ModelProbe with, Path path) throws IOException {
        try {
            return with.run(path, limits, changes::isClosed);
        } catch (CancellationException e) {
            if (changes.isClosed()) {
                throw Failures.closed("model registry");
            }
            throw e;
        }
    }

    private void requireReplaced(Replacement<I, O> replacement, String model, String version) {
        ModelVersions<I, O> served = models.get(model);
        String replaced = replacement.of(served, model, version);
        if (served != null && !version.equals(replaced)) {
            served.requireFree(version);
        }
    }

    private VersionInService<I, O> opened(ModelArchive archive, String model, String version) throws IOException {
        Predictor<I, O> predictor = Objects.requireNonNull(opener.open(archive), "the opener returned no predictor");
        VersionInService<I, O> live =
                new VersionInService<>(model, version, revisions.incrementAndGet(), archive.path(), predictor);
        models.add(live);
        return live;
    }

    private VersionTable.Exchange<I, O> exchange(VersionInService<I, O> live, Replacement<I, O> replacement) {
        boolean success = false;
        try {
            VersionTable.Exchange<I, O> exchange = models.exchange(live.model(), served -> {
                String replaced = replacement.of(served, live.model(), live.version());
                if (served == null) {
                    return ModelVersions.first(live);
                }
                return replaced == null ? served.with(live) : served.replacing(replaced, live);
            });
            success = true;
            return exchange;
        } finally {
            if (!success) {
                models.free(live);
            }
        }
    }

    /**
     * Takes a version out of service, and returns when it is freed, as {@link #update} does. Its share in a split goes to the
     * others, in proportion to theirs. With its last version a model's name is free.
     *
     * @throws RegistryConflictException if it is the model's default and others are left
     * @throws UnknownModelException if there is no such model or version
     * @throws ClosedException if the registry is closed
     */
    public void unregister(String model, String version) {
        remove(model, served -> models.required(model, served).without(version));
    }

    /**
     * Takes all versions of a model out of service, and returns when they are freed, as {@link #update} does.
     *
     * @throws UnknownModelException if there is no such model
     * @throws ClosedException if the registry is closed
     */
    public void unregister(String model) {
        remove(model, served -> {
            models.required(model, served);
            return null;
        });
    }

    private void remove(String model, VersionTable.Step<I, O> step) {
        enterChange();
        try {
            VersionTable.Exchange<I, O> exchange = models.exchange(model, step);
            List<ModelVersion> gone = exchange.retiredVersions();
            exchange.retired().forEach(VersionInService::refuse);
            exchange.retired().forEach(models::retire);
            gone.forEach(version -> tell(to -> to.unregistered(version)));
        } finally {
            changes.leave();
        }
    }

    /**
     * Sends all requests that name no version to this one, from now on. Ends a split.
     *
     * @throws UnknownModelException if there is no such model or version
     * @throws ClosedException if the registry is closed
     */
    public void setDefault(String model, String version) {
        models.exchange(model, served -> models.required(model, served).defaultTo(version));
    }

    /**
     * Shares out requests that name no version, from now on: {@code Map.of("1.0", 95, "2.0", 5)} sends every twentieth to version
     * 2.0. The shares are met exactly, up to a few requests; which request goes where is not to be foreseen, and two of one
     * user may go to two versions. The default stays what it is, and gets what the map says.
     *
     * @param weights what each version gets, in proportion to the sum; a version that is missing gets nothing
     * @throws UnknownModelException if there is no such model or version
     * @throws IllegalArgumentException if a weight is negative, or none is more than zero
     * @throws ClosedException if the registry is closed
     */
    public void split(String model, Map<String, Integer> weights) {
        models.exchange(model, served -> models.required(model, served).split(weights));
    }

    /**
     * What there is: models in order of name, the versions of each in the order in which they came. A list of its own, that
     * does not change.
     */
    public List<ModelVersion> models() {
        return models.describe();
    }

    /**
     * What one version's predictor has done: {@link Predictor#metrics}.
     *
     * @throws UnknownModelException if there is no such model, or no such version of it
     * @throws ClosedException if the registry is closed
     */
    public PredictorMetrics metrics(String model, String version) {
        return models.enter(model, version).metrics();
    }

    /**
     * Answers one request, on the calling thread.
     *
     * @throws UnknownModelException if there is no such model
     * @throws ClosedException if the registry is closed
     * @throws InferenceException whatever {@link Predictor#predict(Object)} throws
     */
    public Prediction<O> predict(String model, I request) {
        return models.enter(model, null).predict(request);
    }

    /** Answers one request within so long; see {@link #predict(String, Object)}. */
    public Prediction<O> predict(String model, I request, Duration deadline) {
        return models.enter(model, null).predict(request, deadline);
    }

    /** Answers one request with this version, or none; see {@link #predict(String, Object)}. */
    public Prediction<O> predict(String model, String version, I request) {
        return models.enter(model, version).predict(request);
    }

    /** Answers one request with this version, and within so long; see {@link #predict(String, Object)}. */
    public Prediction<O> predict(String model, String version, I request, Duration deadline) {
        return models.enter(model, version).predict(request, deadline);
    }

    /**
     * Answers one request later, as {@link Predictor#predictAsync(Object)} does. Whatever fails fails the future, with what {@link
     * #predict(String, Object)} throws. To cancel it is to cancel the request.
     */
    public CompletableFuture<Prediction<O>> predictAsync(String model, I request) {
        return later(model, null, predictor -> predictor.predictAsync(request));
    }

    /** Answers one request later, and within so long; see {@link #predictAsync(String, Object)}. */
    public CompletableFuture<Prediction<O>> predictAsync(String model, I request, Duration deadline) {
        return later(model, null, predictor -> predictor.predictAsync(request, deadline));
    }

    /** Answers one request later with this version, or none; see {@link #predictAsync(String, Object)}. */
    public CompletableFuture<Prediction<O>> predictAsync(String model, String version, I request) {
        return later(model, version, predictor -> predictor.predictAsync(request));
    }

    /** Answers one request later with this version, and within so long; see {@link #predictAsync(String, Object)}. */
    public CompletableFuture<Prediction<O>> predictAsync(String model, String version, I request, Duration deadline) {
        return later(model, version, predictor -> predictor.predictAsync(request, deadline));
    }

    private CompletableFuture<Prediction<O>> later(
            String model, @Nullable String version, Function<Predictor<I, O>, CompletableFuture<O>> ask) {
        VersionInService<I, O> live;
        try {
            live = models.enter(model, version);
        } catch (InferenceException e) {
            return CompletableFuture.failedFuture(e);
        }
        return live.predictAsync(ask);
    }

    /**
     * Serves the archives in a folder, and looks at it every two seconds from now on: see {@link #follow(Path, Duration)}.
     */
    public void follow(Path folder) throws IOException {
        follow(folder, Duration.ofSeconds(2));
    }

    /**
     * Serves the archives in a folder from now on: files that end in {@code .mar}, {@code .tar.gz} or {@code .tgz}, and unpacked
     * archives. What is there is opened before this returns. Later a thread looks at the folder every so often:
     *
     * <ul>
     *   <li>a new archive is registered, beside the versions that there are;
     *   <li>a changed one is put in the place of what it was before;
     *   <li>one that is gone is unregistered;
     *   <li>then the default of its model is the version whose archive was modified last.
     * </ul>
     *
     * <p>So a restart finds the same as those who followed. A change counts when two looks have seen the same, so that an archive that
     * is being copied is left alone; to move it into the folder is better still. One that cannot be opened is told to the {@link
     * Listener} once, what was in service goes on, and it is tried again when it changes. A folder that cannot be read changes nothing.
     *
     * @throws IOException if the folder cannot be read now
     * @throws ClosedException if the registry is closed
     */
    public void follow(Path folder, Duration interval) throws IOException {
        if (interval.isZero() || interval.isNegative()) {
            throw new IllegalArgumentException("interval is " + interval + ", it must be more than zero");
        }
        follower(folder).start(interval);
    }

    /** One that has looked once, and looks again when told to. */
    Follower<I, O> follower(Path folder) throws IOException {
        enterChange();
        try {
            if (!Files.isDirectory(folder)) {
                throw new NotDirectoryException(folder.toString());
            }
            Follower<I, O> follower = new Follower<>(this, folder);
            follower.lookFirst();
            followers.add(follower);
            return follower;
        } finally {
            changes.leave();
        }
    }

    private void enterChange() {
        if (!changes.enter()) {
            throw Failures.closed("model registry");
        }
    }

    /** Tells the listeners; what they throw is their own affair. */
    void tell(Consumer<Listener> what) {
        for (Listener listener : listeners) {
            try {
                what.accept(listener);
            } catch (RuntimeException | Error e) {
                LOG.log(System.Logger.Level.ERROR, "a listener of a model registry failed", e);
            }
        }
    }

    /** A listener more, beside the builder's. It hears of changes that are made from now on. */
    public void addListener(Listener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
    }

    /** Takes back a listener that was added; one that was not is nobody's. */
    public void removeListener(Listener listener) {
        listeners.remove(listener);
    }

    /** Refuses requests and changes, waits for those that run, then frees all models. */
    @Override
    public void close() {
        changes.close();
        stopAll();
        changes.awaitFreed();
        stopAll(); // what a change that was under way brought
    }

    private void stopAll() {
        followers.forEach(Follower::stop);
        models.close();
    }

    @Override
    public String toString() {
        return "model registry of " + models.names();
    }

    /** Collects what a registry is opened with. Not safe for use by several threads. */
    public static final class Builder<I, O> {
        private final Opener<I, O> opener;
        private ArchiveLimits limits = ArchiveLimits.defaults();
        private Listener listener = new LoggedChanges();
        private @Nullable ModelProbe probe;
        private Duration patience = Duration.ofSeconds(30);

        private Builder(Opener<I, O> opener) {
            this.opener = Objects.requireNonNull(opener, "opener");
        }

        /** How large archives may be. */
        public Builder<I, O> limits(ArchiveLimits archiveLimits) {
            this.limits = Objects.requireNonNull(archiveLimits, "archiveLimits");
            return this;
        }

        /** Who hears of changes; unless set, they are written to the logger {@code dev.cresset}. */
        public Builder<I, O> listener(Listener observer) {
            this.listener = Objects.requireNonNull(observer, "observer");
            return this;
        }

        /**
         * Who tries each archive in another process before it is opened in this one; unless set, nobody does. An archive that is
         * not {@linkplain ModelProbe.Report#opens ready} there is a {@link ModelLoadException} with the probe's sentence, and what was in
         * service stays. The registry's {@link #limits} hold there, too.
         */
        public Builder<I, O> probe(ModelProbe modelProbe) {
            this.probe = Objects.requireNonNull(modelProbe, "modelProbe");
            return this;
        }

        /** How long a change waits for the requests in the version that it retired. */
        Builder<I, O> patience(Duration longest) {
            this.patience = longest;
            return this;
        }

        /** Opens it, with no model in it. */
        public ModelRegistry<I, O> open() {
            return new ModelRegistry<>(this);
        }
    }
}
