package dev.cresset.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.ClosedException;
import dev.cresset.engine.InThread;
import dev.cresset.engine.OpenThings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests against changes. Each archive's model answers with a number of its own, so that an answer shows which one gave it,
 * whatever it says.
 */
@ExtendWith(OpenThings.class)
@Timeout(300)
public class ModelRegistryRacesTest {

    /** A request that needs nothing done. */
    private static final Runnable ASK = Thread::onSpinWait;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Path archive(String version, int answer) {
        try {
            return Versions.write(folder.resolve("digits.mar"), "digits", version, answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Change {
        void make() throws IOException;
    }

    private static void make(Change change) {
        try {
            change.make();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Threads that ask until told to stop, and fail if an answer is not what it should be. */
    private static final class Load {
        private final AtomicBoolean stop = new AtomicBoolean();
        private final AtomicLong answers = new AtomicLong();
        private final Semaphore answered = new Semaphore(0);
        private final List<CompletableFuture<Void>> callers = new ArrayList<>();

        interface Caller {
            Prediction<Integer> ask();
        }

        void call(Caller caller) {
            callers.add(InThread.run(() -> {
                try {
                    while (!stop.get()) {
                        check(caller.ask());
                        answers.incrementAndGet();
                        answered.release();
                    }
                } finally {
                    answered.release(1000); // nobody waits for one that has failed
                }
            }));
        }

        /** The archives here are opened in the order of their models' answers. */
        private static void check(Prediction<Integer> prediction) {
            assertThat(prediction.revision()).isEqualTo(prediction.value().longValue());
            assertThat(prediction.version()).isEqualTo(version(prediction.value()));
        }

        /** Waits for more answers, or for a caller that fails, which {@link #end} tells. */
        void awaitAnswers(int more) throws InterruptedException {
            answered.drainPermits();
            if (callers.stream().noneMatch(CompletableFuture::isDone)) {
                answered.acquire(more);
            }
        }

        long end() {
            stop.set(true);
            callers.forEach(CompletableFuture::join);
            return answers.get();
        }
    }

    /** Each second archive has a new version; those between are new revisions of it. */
    private static String version(int answer) {
        return "v" + answer / 2;
    }

    @Test
    void update_aThousandTimesUnderLoad_losesNoRequestAndMixesNoVersions() throws Exception {
        try (ModelRegistry<Runnable, Integer> models = ModelRegistry.builder(Versions::open)
                .listener(new ModelRegistry.Listener() {})
                .open()) {
            models.register(archive(version(1), 1));
            Load load = new Load();
            load.call(() -> models.predict("digits", ASK));
            load.call(() -> models.predictAsync("digits", ASK).join());
            for (int i = 2; i <= 1001; i++) {
                models.update(archive(version(i), i));
                load.awaitAnswers(1);
            }
            assertThat(load.end()).isGreaterThan(1000);
            assertThat(models.predict("digits", ASK).value()).isEqualTo(1001);
            Versions.awaitModels(1);
        }
        Versions.awaitModels(0);
    }

    @Test
    void split_andDefault_underLoad_loseNoRequest() throws Exception {
        try (ModelRegistry<Runnable, Integer> models = ModelRegistry.builder(Versions::open)
                .listener(new ModelRegistry.Listener() {})
                .open()) {
            models.register(archive(version(1), 1));
            Load load = new Load();
            load.call(() -> models.predict("digits", ASK));
            load.call(() -> models.predictAsync("digits", ASK).join());
            for (int i = 2; i <= 200; i += 2) {
                String before = version(i - 1);
                String after = version(i);
                models.register(archive(after, i));
                models.split("digits", Map.of(before, 9, after, 1));
                load.awaitAnswers(10);
                models.update(archive(after, i + 1));
                models.setDefault("digits", after);
                models.unregister("digits", before);
            }
            assertThat(load.end()).isGreaterThan(1000);
            Versions.awaitModels(1);
        }
    }

    @Test
    void update_bySeveralAtOnce_leavesOneVersion() throws IOException {
        try (ModelRegistry<Runnable, Integer> models = ModelRegistry.builder(Versions::open)
                .listener(new ModelRegistry.Listener() {})
                .open()) {
            models.register(archive("v", 0));
            List<CompletableFuture<Void>> updates = new ArrayList<>();
            for (int i = 1; i <= 4; i++) {
                Path own = Versions.write(folder.resolve(i + ".mar"), "digits", "v" + i, i);
                updates.add(InThread.run(() -> {
                    for (int round = 0; round < 50; round++) {
                        make(() -> models.update(own));
                        models.predict("digits", ASK);
                    }
                }));
            }
            updates.forEach(CompletableFuture::join);
            assertThat(models.models()).hasSize(1);
            Versions.awaitModels(1);
        }
    }

    /** Whoever is under way when the registry is closed ends, in an answer or in one of the errors that say why. */
    @Test
    void close_againstRequestsAndChanges_leavesNothingAndLosesNone() throws IOException {
        for (int round = 0; round < 50; round++) {
            ModelRegistry<Runnable, Integer> models = ModelRegistry.builder(Versions::open)
                    .listener(new ModelRegistry.Listener() {})
                    .open();
            models.register(archive("v", 0));
            Path update = Versions.write(folder.resolve("update.mar"), "digits", "v", 1);
            Path other = Versions.write(folder.resolve("other.mar"), "digits", "w", 2);
            List<CompletableFuture<Void>> all = List.of(
                    untilClosed(() -> models.predict("digits", ASK)),
                    untilClosed(() -> models.predictAsync("digits", ASK).join()),
                    untilClosed(() -> models.update(update)),
                    untilClosed(() -> {
                        models.register(other);
                        models.unregister("digits", "w");
                    }));
            models.close();
            all.forEach(CompletableFuture::join);
            Versions.awaitModels(0);
        }
    }

    private static CompletableFuture<Void> untilClosed(Change change) {
        return InThread.run(() -> {
            while (true) {
                try {
                    make(change);
                } catch (ClosedException e) {
                    return;
                } catch (CompletionException e) {
                    assertThat(e).hasCauseInstanceOf(ClosedException.class);
                    return;
                }
            }
        });
    }
}
