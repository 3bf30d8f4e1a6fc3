package dev.cresset.registry;

import dev.cresset.InferenceException;
import dev.cresset.UnknownModelException;
import dev.cresset.internal.Failures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The models of a registry that requests are sent to, and those that are on their way out.
 *
 * <p>A change exchanges a model's {@link ModelVersions} for another one, by compare-and-set, and only then refuses what is not in it any more. So
 * a request that is refused looks again and finds what came after. What is retired is freed when its last request has left, by
 * the thread that made the change or by one that waits in its stead, never by the request's.
 *
 * <p>Safe for use by several threads.
 */
final class VersionTable<I, O> {

    private static final System.Logger LOG = System.getLogger("dev.cresset");

    /** Looked up without a lock, exchanged model by model. */
    private final ConcurrentHashMap<String, ModelVersions<I, O>> models = new ConcurrentHashMap<>();

    /** All that are not freed, also those that nobody is sent to any more, or not yet. */
    private final Set<VersionInService<I, O>> open = ConcurrentHashMap.newKeySet();

    private final Duration patience;
    private volatile boolean closed;

    /** Waits so long for the requests in what a change retires, before it lets go of the thread that made the change. */
    VersionTable(Duration patience) {
        this.patience = patience;
    }

    /** Finds a version and enters it: the default, or as the split has it, if none is named. Hot path. */
    VersionInService<I, O> enter(String model, @Nullable String version) {
        while (true) {
            ModelVersions<I, O> served = models.get(model);
            if (served == null) {
                throw absent(model);
            }
            VersionInService<I, O> live = version == null ? served.next() : served.required(version);
            if (live.enter()) {
                return live;
            }
            // Taken out of service since it was looked up, so another look will not find it.
            requireOpen();
        }
    }

    @Nullable
    ModelVersions<I, O> get(String model) {
        return models.get(model);
    }

    /** Takes over what is to be freed in the end. */
    void add(VersionInService<I, O> live) {
        open.add(live);
    }

    /** What a model was before a change, and after; null where it was not there. */
    record Exchange<I, O>(
            @Nullable ModelVersions<I, O> before, @Nullable ModelVersions<I, O> after) {
        /** What was in service and is not any more. */
        List<VersionInService<I, O>> retired() {
            List<VersionInService<I, O>> retired = new ArrayList<>(before == null ? List.of() : before.all());
            retired.removeAll(after == null ? List.of() : after.all());
            return retired;
        }

        List<ModelVersion> retiredVersions() {
            return before == null
                    ? List.of()
                    : retired().stream().map(before::describe).toList();
        }

        ModelVersion describe(VersionInService<I, O> live) {
            return Objects.requireNonNull(after).describe(live);
        }
    }

    /** The one place where what requests see is changed. A step may be tried again, with what another thread left. */
    Exchange<I, O> exchange(String model, Step<I, O> step) {
        while (true) {
            ModelVersions<I, O> before = models.get(model);
            requireOpen();
            ModelVersions<I, O> after = step.of(before);
            if (swap(model, before, after)) {
                return new Exchange<>(before, after);
            }
        }
    }

    interface Step<I, O> {
        @Nullable
        ModelVersions<I, O> of(@Nullable ModelVersions<I, O> served);
    }

    private boolean swap(String model, @Nullable ModelVersions<I, O> before, @Nullable ModelVersions<I, O> after) {
        if (before == null) {
            return after == null || models.putIfAbsent(model, after) == null;
        }
        return after == null ? models.remove(model, before) : models.replace(model, before, after);
    }

    /** Waits until its requests have left, then frees it. After a while the caller is let go of, and it is freed later. */
    void retire(VersionInService<I, O> live) {
        live.refuse();
        if (live.awaitEmpty(patience)) {
            free(live);
            return;
        }
        LOG.log(
                System.Logger.Level.WARNING,
                live + " is out of service, but requests are inside still; it is freed when they have left");
        Thread waiting = new Thread(() -> freeWhenEmpty(live), "cresset-free-" + live.model());
        waiting.setDaemon(true);
        waiting.start();
    }

    private void freeWhenEmpty(VersionInService<I, O> live) {
        while (!live.awaitEmptyOnDaemon(Duration.ofDays(1))) {
            LOG.log(System.Logger.Level.WARNING, live + " has been out of service for a day, with requests inside");
        }
        free(live);
    }

    void free(VersionInService<I, O> live) {
        try {
            live.close();
        } finally {
            open.remove(live);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw Failures.closed("model registry");
        }
    }

    ModelVersions<I, O> required(String model, @Nullable ModelVersions<I, O> served) {
        if (served == null) {
            throw absent(model);
        }
        return served;
    }

    InferenceException absent(String model) {
        if (closed) {
            return Failures.closed("model registry");
        }
        List<String> names = names();
        String there = names.isEmpty() ? "there is none" : "there is " + String.join(", ", names);
        return new UnknownModelException("no model '" + model + "' is registered; " + there);
    }

    List<String> names() {
        return models.keySet().stream().sorted().toList();
    }

    List<ModelVersion> describe() {
        return new TreeMap<>(models)
                .values().stream().flatMap(served -> served.describe().stream()).toList();
    }

    boolean isClosed() {
        return closed;
    }

    /** Refuses requests and changes, and closes all predictors, which answer or refuse what is inside them. May be called again. */
    void close() {
        closed = true;
        models.clear();
        List<VersionInService<I, O>> left = List.copyOf(open);
        left.forEach(VersionInService::refuse);
        left.forEach(this::free);
    }
}
