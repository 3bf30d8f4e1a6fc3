package dev.cresset.registry;

import dev.cresset.ClosedException;
import dev.cresset.InferenceException;
import dev.cresset.RegistryConflictException;
import dev.cresset.UnknownModelException;
import dev.cresset.internal.Durations;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Does with a registry what is done to a folder: {@link ModelRegistry#follow(Path, Duration)}.
 *
 * <p>Looks are made by one thread at a time: first by the one that follows, then by a daemon of its own until it is stopped. Failures are
 * told by the registry, and the follower goes on.
 */
final class Follower<I, O> {

    private final ModelRegistry<I, O> registry;
    private final Path folder;
    private final FolderScan scan;

    /** What was opened from here and is in service, as far as this knows. */
    private final Map<Path, Entry> entries = new HashMap<>();

    /** What holds a version that another archive has brought; tried again when an archive is gone. */
    private final Map<Path, FolderScan.Found> conflicts = new HashMap<>();

    private final CountDownLatch stop = new CountDownLatch(1);
    private boolean unreadable;

    private record Entry(String model, String version, FileTime modified) {
        boolean is(String otherModel, String otherVersion) {
            return model.equals(otherModel) && version.equals(otherVersion);
        }
    }

    Follower(ModelRegistry<I, O> registry, Path folder) {
        this.registry = registry;
        this.folder = folder;
        this.scan = new FolderScan(folder);
    }

    /** Looks every so often, on a thread of its own, until stopped. */
    void start(Duration interval) {
        Thread thread = new Thread(() -> lookUntilStopped(interval), "cresset-follow-" + folder.getFileName());
        thread.setDaemon(true);
        thread.start();
    }

    private void lookUntilStopped(Duration interval) {
        try {
            while (!stop.await(Durations.nanos(interval), TimeUnit.NANOSECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // whoever interrupts a thread that is not theirs stops it
        }
    }

    void stop() {
        stop.countDown();
    }

    /** Looks for the first time. */
    void lookFirst() throws IOException {
        follow(scan.look());
    }

    /** Looks again. A folder that cannot be read says nothing of what was in it, and is told once. */
    void look() {
        try {
            follow(scan.look());
            unreadable = false;
        } catch (IOException e) {
            if (!unreadable) {
                registry.tell(to -> to.failed(folder, e));
            }
            unreadable = true;
        }
    }

    private void follow(FolderScan.Changes changes) {
        conflicts.keySet().removeAll(changes.gone());
        List<FolderScan.Found> again = changes.gone().isEmpty() ? List.of() : List.copyOf(conflicts.values());
        changes.settled().forEach(found -> take(found, changes.gone()));
        again.forEach(found -> take(found, changes.gone()));
        changes.gone().forEach(this::withdraw);
    }

    /** Puts an archive in service. */
    private void take(FolderScan.Found found, List<Path> gone) {
        Optional<Entry> before = Optional.ofNullable(entries.get(found.archive()));
        ModelVersion now;
        conflicts.remove(found.archive());
        try {
            now = registry.put(
                    found.archive(), (served, model, version) -> replaced(before, gone, served, model, version));
        } catch (RegistryConflictException e) {
            conflicts.put(found.archive(), found);
            return;
        } catch (IOException | RuntimeException | Error e) {
            return; // told by the registry
        }
        entries.values().removeIf(entry -> entry.is(now.model(), now.version()));
        entries.put(found.archive(), new Entry(now.model(), now.version(), found.modified()));
        // Not there any more, unless the archive took another place than that.
        before.filter(entry -> !entry.is(now.model(), now.version())).ifPresent(this::unregister);
        preferNewest(now.model());
    }

    /** The same version whose archive is gone, for that was moved here; or what the archive was before. */
    private @Nullable String replaced(
            Optional<Entry> before,
            List<Path> gone,
            @Nullable ModelVersions<I, O> served,
            String model,
            String version) {
        if (served == null) {
            return null;
        }
        boolean moved = gone.stream().anyMatch(path -> {
            Entry entry = entries.get(path);
            return entry != null && entry.is(model, version);
        });
        if (moved && served.has(version)) {
            return version;
        }
        return before.filter(entry -> entry.model().equals(model))
                .map(Entry::version)
                .filter(served::has)
                .orElse(null);
    }

    private void withdraw(Path archive) {
        Entry entry = entries.remove(archive);
        if (entry != null) {
            unregister(entry);
        }
    }

    /** Takes a version out; the default goes to another one before. */
    private void unregister(Entry entry) {
        try {
            heir(entry).ifPresent(version -> registry.setDefault(entry.model(), version));
            registry.unregister(entry.model(), entry.version());
            preferNewest(entry.model());
        } catch (UnknownModelException | ClosedException e) {
            return; // somebody was faster
        } catch (InferenceException e) {
            registry.tell(to -> to.failed(folder, e));
        }
    }

    /** Another version of the model, should the entry be the default: the folder's newest, or else the last that came. */
    private Optional<String> heir(Entry entry) {
        List<ModelVersion> others = new ArrayList<>(registry.models());
        boolean isDefault = others.stream().anyMatch(v -> v.isDefault() && entry.is(v.model(), v.version()));
        others.removeIf(other -> !other.model().equals(entry.model()) || entry.is(other.model(), other.version()));
        if (!isDefault || others.isEmpty()) {
            return Optional.empty();
        }
        return newest(entry.model())
                .or(() -> Optional.of(others.get(others.size() - 1).version()));
    }

    private void preferNewest(String model) {
        newest(model)
                .filter(version -> registry.models().stream()
                        .anyMatch(other ->
                                other.model().equals(model) && other.version().equals(version) && !other.isDefault()))
                .ifPresent(version -> prefer(model, version));
    }

    private void prefer(String model, String version) {
        try {
            registry.setDefault(model, version);
        } catch (UnknownModelException | ClosedException e) {
            return; // gone since it was looked up
        }
    }

    private Optional<String> newest(String model) {
        return entries.entrySet().stream()
                .filter(entry -> entry.getValue().model().equals(model))
                .max(Comparator.comparing((Map.Entry<Path, Entry> entry) ->
                                entry.getValue().modified())
                        .thenComparing(Map.Entry::getKey))
                .map(entry -> entry.getValue().version());
    }
}
