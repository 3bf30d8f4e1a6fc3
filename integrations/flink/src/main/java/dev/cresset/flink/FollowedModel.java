package dev.cresset.flink;

import dev.cresset.InferenceException;
import dev.cresset.Outcome;
import dev.cresset.PredictorMetrics;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.registry.ModelVersion;
import dev.cresset.registry.Prediction;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model whose newest version is in service, out of a folder that is followed. */
final class FollowedModel<I, O> implements OpenModel<I, O> {

    private static final Logger LOG = LoggerFactory.getLogger(FollowedModel.class);

    private final ModelRegistry<I, O> registry;
    private final String name;
    private final Changes changes;
    private volatile PredictorMetrics seen;

    private FollowedModel(ModelRegistry<I, O> registry, String name, Changes changes) {
        this.registry = registry;
        this.name = name;
        this.changes = changes;
        this.seen = registry.metrics(name, version());
        changes.model = name;
    }

    static <I, O> FollowedModel<I, O> open(
            Path folder, String name, Duration interval, PredictorSettings<I, O> settings) throws IOException {
        Changes changes = new Changes();
        ModelRegistry<I, O> registry =
                ModelRegistry.builder(settings::open).listener(changes).open();
        boolean success = false;
        try {
            registry.follow(folder, interval);
            if (registry.models().stream().noneMatch(version -> version.model().equals(name))) {
                throw new IOException("no archive of a model '" + name + "' in " + folder + " could be opened"
                        + changes.reason() + "; there is " + registry.models());
            }
            FollowedModel<I, O> model = new FollowedModel<>(registry, name, changes);
            success = true;
            return model;
        } finally {
            if (!success) {
                registry.close();
            }
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // what is returned can be cancelled, which what follows it cannot be
    public CompletableFuture<?> ask(
            I request, @Nullable Duration within, BiConsumer<@Nullable Prediction<O>, @Nullable Throwable> to) {
        CompletableFuture<Prediction<O>> asked = ask(request, within);
        asked.whenComplete(to);
        return asked;
    }

    private CompletableFuture<Prediction<O>> ask(I request, @Nullable Duration within) {
        return within == null ? registry.predictAsync(name, request) : registry.predictAsync(name, request, within);
    }

    @Override
    public List<Outcome<Prediction<O>>> askEach(List<I> requests, @Nullable Duration within) {
        List<CompletableFuture<Prediction<O>>> asked = new ArrayList<>(requests.size());
        requests.forEach(request -> asked.add(ask(request, within)));
        try {
            List<Outcome<Prediction<O>>> found = new ArrayList<>(requests.size());
            for (CompletableFuture<Prediction<O>> one : asked) {
                found.add(outcome(one));
            }
            return found;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while " + requests.size() + " records were scored");
        } finally {
            asked.forEach(one -> one.cancel(false)); // of those that were answered nothing is left to cancel
        }
    }

    private static <O> Outcome<O> outcome(CompletableFuture<O> asked) throws InterruptedException {
        try {
            return Outcome.answered(asked.get());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InferenceException failure) {
                return Outcome.failed(failure);
            }
            throw new IllegalStateException("a prediction failed with what no prediction fails with", e.getCause());
        }
    }

    @Override
    public String name() {
        return name;
    }

    private String version() {
        return registry.models().stream()
                .filter(version -> version.model().equals(name) && version.isDefault())
                .findFirst()
                .map(ModelVersion::version)
                .orElse("");
    }

    /** Of the version in service; while there is none, of the last one. */
    @Override
    public PredictorMetrics metrics() {
        try {
            seen = registry.metrics(name, version());
        } catch (InferenceException e) {
            // Unregistered: another is about to come, or the archive was deleted.
        }
        return seen;
    }

    @Override
    public long updates() {
        return changes.updates.get();
    }

    @Override
    public long failedUpdates() {
        return changes.failures.get();
    }

    @Override
    public void close() {
        registry.close();
    }

    /** Counts what the folder brings, and writes it to the task manager's log. */
    private static final class Changes implements ModelRegistry.Listener {
        private final AtomicLong updates = new AtomicLong();
        private final AtomicLong failures = new AtomicLong();
        private volatile @Nullable Throwable last;

        /** Whose updates are counted; null until it is in service, for what is there at first is no update. */
        private volatile @Nullable String model;

        String reason() {
            Throwable why = last;
            return why == null ? "" : " (" + why.getMessage() + ")";
        }

        private void count(ModelVersion version) {
            if (version.model().equals(model)) {
                updates.incrementAndGet();
            }
        }

        @Override
        public void registered(ModelVersion version) {
            count(version);
            LOG.info("in service: {}", version);
        }

        @Override
        public void updated(ModelVersion before, ModelVersion after) {
            count(after);
            LOG.info("in service: {}, in the place of {}", after, before);
        }

        @Override
        public void unregistered(ModelVersion version) {
            LOG.info("out of service: {}", version);
        }

        @Override
        public void failed(Path path, Throwable reason) {
            failures.incrementAndGet();
            last = reason;
            LOG.warn("{} was not put in service", path, reason);
        }
    }
}
