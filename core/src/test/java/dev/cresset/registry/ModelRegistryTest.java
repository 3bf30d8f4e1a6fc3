package dev.cresset.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.ClosedException;
import dev.cresset.ModelLoadException;
import dev.cresset.Plan;
import dev.cresset.Predictor;
import dev.cresset.RegistryConflictException;
import dev.cresset.UnknownModelException;
import dev.cresset.engine.InThread;
import dev.cresset.engine.OpenThings;
import dev.cresset.mar.ArchiveException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a registry answers, refuses and tells, change by change. */
@ExtendWith(OpenThings.class)
@Timeout(60)
public class ModelRegistryTest {

    /** A request that needs nothing done. */
    private static final Runnable ASK = Thread::onSpinWait;

    private final Heard heard = new Heard();

    private final ModelRegistry<Runnable, Integer> models =
            ModelRegistry.builder(Versions::open).listener(heard).open();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @AfterEach
    void close() {
        models.close();
        Versions.awaitModels(0);
    }

    /** What a listener was told, in words. */
    static final class Heard implements ModelRegistry.Listener {
        final List<String> events = new CopyOnWriteArrayList<>();

        private static String name(ModelVersion version) {
            return version.model() + " " + version.version();
        }

        @Override
        public void registered(ModelVersion version) {
            events.add("registered " + name(version));
        }

        @Override
        public void updated(ModelVersion before, ModelVersion after) {
            events.add("updated " + name(before) + " to " + name(after));
        }

        @Override
        public void unregistered(ModelVersion version) {
            events.add("unregistered " + name(version));
        }

        @Override
        public void failed(Path path, Throwable reason) {
            events.add("failed " + path.getFileName() + " " + reason.getClass().getSimpleName());
        }
    }

    private Path archive(String version, int answer) throws IOException {
        return Versions.write(folder.resolve("digits-" + answer + ".mar"), "digits", version, answer);
    }

    private List<String> described() {
        return models.models().stream()
                .map(v -> v.model() + " " + v.version() + (v.isDefault() ? " default " : " ")
                        + Math.round(100 * v.share()) + " %")
                .toList();
    }

    @Test
    void predict_saysWhichVersionAnswered() throws IOException {
        models.register(archive("1.0", 17));
        assertThat(models.predict("digits", ASK)).isEqualTo(new Prediction<>(17, "digits", "1.0", 1));
        assertThat(models.predictAsync("digits", ASK).join()).isEqualTo(new Prediction<>(17, "digits", "1.0", 1));
    }

    @Test
    void predict_withADeadline_isPassedOn() throws IOException {
        models.register(archive("1.0", 17));
        Duration minute = Duration.ofMinutes(1);
        assertThat(models.predict("digits", ASK, minute).value()).isEqualTo(17);
        assertThat(models.predict("digits", "1.0", ASK, minute).value()).isEqualTo(17);
        assertThat(models.predictAsync("digits", ASK, minute).join().value()).isEqualTo(17);
        assertThat(models.predictAsync("digits", "1.0", ASK, minute).join().value())
                .isEqualTo(17);
    }

    @Test
    void register_describesTheVersion() throws IOException {
        Path path = archive("1.0", 17);
        ModelVersion version = models.register(path);
        assertThat(version.model()).isEqualTo("digits");
        assertThat(version.version()).isEqualTo("1.0");
        assertThat(version.archive()).isEqualTo(path);
        assertThat(version.plan().origin()).isEqualTo(Plan.Origin.NOT_TUNED);
        assertThat(models.models()).containsExactly(version);
    }

    @Test
    void register_theFirstVersionIsTheDefault() throws IOException {
        models.register(archive("1.0", 1));
        models.register(archive("2.0", 2));
        assertThat(models.predict("digits", ASK).value()).isEqualTo(1);
        assertThat(models.predict("digits", "2.0", ASK).value()).isEqualTo(2);
        assertThat(models.predictAsync("digits", "2.0", ASK).join().version()).isEqualTo("2.0");
        assertThat(described()).containsExactly("digits 1.0 default 100 %", "digits 2.0 0 %");
    }

    @Test
    void register_aVersionThatIsThere_isRefusedAndNotOpened() throws IOException {
        models.register(archive("1.0", 1));
        Path again = Versions.broken(folder.resolve("again.mar"), "digits", "1.0");
        assertThatThrownBy(() -> models.register(again))
                .isInstanceOf(RegistryConflictException.class)
                .hasMessage("model 'digits' has a version '1.0' already; update replaces it,"
                        + " unregister makes room for it");
        assertThat(heard.events).containsExactly("registered digits 1.0", "failed again.mar RegistryConflictException");
    }

    @Test
    void predict_aModelThatIsNotThere_saysWhichAre() throws Exception {
        assertThatThrownBy(() -> models.predict("digist", ASK))
                .isInstanceOf(UnknownModelException.class)
                .hasMessage("no model 'digist' is registered; there is none");
        models.register(archive("1.0", 1));
        models.register(Versions.write(folder.resolve("risk.mar"), "risk", "3", 3));
        assertThatThrownBy(() -> models.predictAsync("digist", ASK).get())
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(UnknownModelException.class)
                .hasMessage("no model 'digist' is registered; there is digits, risk");
    }

    @Test
    void predict_aVersionThatIsNotThere_saysWhichAre() throws IOException {
        models.register(archive("1.0", 1));
        models.register(archive("2.0", 2));
        assertThatThrownBy(() -> models.predict("digits", "3.0", ASK))
                .isInstanceOf(UnknownModelException.class)
                .hasMessage("model 'digits' has no version '3.0'; it has 1.0 (default), 2.0");
    }

    @Test
    void update_anotherVersion_takesTheDefaultsPlace() throws IOException {
        models.register(archive("1.0", 1));
        models.register(archive("1.5", 15));
        models.split("digits", Map.of("1.0", 3, "1.5", 1));
        models.update(archive("2.0", 2));
        assertThat(described()).containsExactly("digits 2.0 default 75 %", "digits 1.5 25 %");
        Versions.awaitModels(2);
        assertThat(heard.events).last().isEqualTo("updated digits 1.0 to digits 2.0");
    }

    @Test
    void update_theSameVersion_isReplacedWhereItIs() throws IOException {
        models.register(archive("1.0", 1));
        models.register(archive("2.0", 2));
        models.split("digits", Map.of("1.0", 90, "2.0", 10));
        assertThat(models.update(archive("2.0", 22)).revision()).isEqualTo(3);
        assertThat(described()).containsExactly("digits 1.0 default 90 %", "digits 2.0 10 %");
        assertThat(models.predict("digits", "2.0", ASK)).isEqualTo(new Prediction<>(22, "digits", "2.0", 3));
        Versions.awaitModels(2);
    }

    @Test
    void registerOrUpdate_registersWhatIsNew_andUpdatesWhatIsThere() throws IOException {
        models.registerOrUpdate(archive("1.0", 1));
        assertThat(heard.events).last().isEqualTo("registered digits 1.0");
        models.registerOrUpdate(archive("1.0", 11));
        assertThat(models.predict("digits", ASK).value()).isEqualTo(11);
        models.registerOrUpdate(archive("2.0", 2));
        assertThat(described()).containsExactly("digits 2.0 default 100 %");
    }

    @Test
    void update_anUnknownModel_isRefusedAndNotOpened() throws IOException {
        Path path = Versions.broken(folder.resolve("digits.mar"), "digits", "1.0");
        assertThatThrownBy(() -> models.update(path))
                .isInstanceOf(UnknownModelException.class)
                .hasMessage("no model 'digits' is registered; there is none");
    }

    @Test
    void update_aModelThatCannotBeLoaded_leavesTheOldOne() throws IOException {
        models.register(archive("1.0", 1));
        Path broken = Versions.broken(folder.resolve("broken.mar"), "digits", "2.0");
        assertThatThrownBy(() -> models.update(broken)).isInstanceOf(ModelLoadException.class);
        Path cut = Files.write(folder.resolve("cut.mar"), new byte[10]);
        assertThatThrownBy(() -> models.update(cut)).isInstanceOf(ArchiveException.class);
        assertThat(models.predict("digits", ASK).value()).isEqualTo(1);
        assertThat(described()).containsExactly("digits 1.0 default 100 %");
        assertThat(heard.events)
                .containsExactly(
                        "registered digits 1.0",
                        "failed broken.mar ModelLoadException",
                        "failed cut.mar ArchiveException");
    }

    @Test
    void update_aModelUnregisteredMeanwhile_isRefusedAndFreed() throws IOException {
        Path second = archive("2.0", 2);
        List<ModelRegistry<Runnable, Integer>> self = new CopyOnWriteArrayList<>();
        try (ModelRegistry<Runnable, Integer> registry = ModelRegistry.open(archive -> {
            if (archive.path().equals(second)) {
                self.get(0).unregister("digits");
            }
            return Versions.open(archive);
        })) {
            self.add(registry);
            registry.register(archive("1.0", 1));
            assertThatThrownBy(() -> registry.update(second)).isInstanceOf(UnknownModelException.class);
            Versions.awaitModels(0);
        }
    }

    @Test
    void setDefault_endsASplit() throws IOException {
        models.register(archive("1.0", 1));
        models.register(archive("2.0", 2));
        models.split("digits", Map.of("1.0", 1, "2.0", 1));
        models.setDefault("digits", "2.0");
        assertThat(described()).containsExactly("digits 1.0 0 %", "digits 2.0 default 100 %");
        assertThat(models.predict("digits", ASK).value()).isEqualTo(2);
        assertThatThrownBy(() -> models.setDefault("digits", "3.0")).isInstanceOf(UnknownModelException.class);
    }

    @Test
    void split_sharesRequestsOut() throws IOException {
        models.register(archive("1.0", 1));
        models.register(archive("2.0", 2));
        models.split("digits", Map.of("1.0", 90, "2.0", 10));
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            counts.merge(models.predict("digits", ASK).version(), 1, Integer::sum);
        }
        assertThat(counts.get("1.0")).isBetween(899, 901);
        assertThat(counts.get("2.0")).isBetween(99, 101);
    }

    @Test
    void split_nonsense_isRefused() throws IOException {
        models.register(archive("1.0", 1));
        assertThatThrownBy(() -> models.split("digits", Map.of("1.0", -1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the weights are {1.0=-1}; none may be negative, and one must be more than zero");
        assertThatThrownBy(() -> models.split("digits", Map.of("1.0", 0))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> models.split("digits", Map.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> models.split("digits", Map.of("1.0", 1, "2.0", 1)))
                .isInstanceOf(UnknownModelException.class);
        assertThatThrownBy(() -> models.split("risk", Map.of("1.0", 1))).isInstanceOf(UnknownModelException.class);
    }

    @Test
    void unregister_aVersion_givesItsShareToTheOthers() throws IOException {
        models.register(archive("1.0", 1));
        models.register(archive("2.0", 2));
        models.register(archive("3.0", 3));
        models.split("digits", Map.of("1.0", 30, "2.0", 10, "3.0", 60));
        models.unregister("digits", "3.0");
        assertThat(described()).containsExactly("digits 1.0 default 75 %", "digits 2.0 25 %");
        Versions.awaitModels(2);
        assertThat(heard.events).last().isEqualTo("unregistered digits 3.0");
    }

    @Test
    void unregister_theOnlyOneOfASplit_leavesAllToTheDefault() throws IOException {
        models.register(archive("1.0", 1));
        models.register(archive("2.0", 2));
        models.split("digits", Map.of("2.0", 1));
        models.unregister("digits", "2.0");
        assertThat(described()).containsExactly("digits 1.0 default 100 %");
        assertThat(models.predict("digits", ASK).value()).isEqualTo(1);
    }

    @Test
    void unregister_theDefaultBeforeOthers_isRefused() throws IOException {
        models.register(archive("1.0", 1));
        models.register(archive("2.0", 2));
        assertThatThrownBy(() -> models.unregister("digits", "1.0"))
                .isInstanceOf(RegistryConflictException.class)
                .hasMessage("version '1.0' is the default of model 'digits' and cannot go before the others;"
                        + " make one of them the default: 2.0");
        assertThat(models.predict("digits", ASK).value()).isEqualTo(1);
    }

    @Test
    void unregister_theLastVersion_freesTheName() throws IOException {
        models.register(archive("1.0", 1));
        models.unregister("digits", "1.0");
        Versions.awaitModels(0);
        assertThatThrownBy(() -> models.predict("digits", ASK)).isInstanceOf(UnknownModelException.class);
        assertThatThrownBy(() -> models.unregister("digits", "1.0")).isInstanceOf(UnknownModelException.class);
        models.register(archive("2.0", 2));
        assertThat(models.predict("digits", ASK).value()).isEqualTo(2);
    }

    @Test
    void unregister_aModel_takesAllVersionsAlong() throws IOException {
        models.register(archive("1.0", 1));
        models.register(archive("2.0", 2));
        models.unregister("digits");
        assertThat(models.models()).isEmpty();
        Versions.awaitModels(0);
        assertThat(heard.events).endsWith("unregistered digits 1.0", "unregistered digits 2.0");
        assertThatThrownBy(() -> models.unregister("digits")).isInstanceOf(UnknownModelException.class);
    }

    /** A request that waits inside a version until it is let go. */
    private static final class Waiting implements Runnable {
        final CountDownLatch inside = new CountDownLatch(1);
        final CountDownLatch go = new CountDownLatch(1);

        @Override
        public void run() {
            inside.countDown();
            await(go);
        }

        static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void update_waitsForTheRequestsInTheOldOne_whileOthersGetTheNewOne() throws Exception {
        models.register(archive("1.0", 1));
        Waiting request = new Waiting();
        CompletableFuture<Prediction<Integer>> old = InThread.supply(() -> models.predict("digits", request));
        request.inside.await();
        Path second = archive("2.0", 2);
        CompletableFuture<Void> update = InThread.run(() -> {
            try {
                models.update(second);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        while (models.predict("digits", ASK).value() == 1) {
            Thread.onSpinWait();
        }
        assertThat(update).isNotDone();
        Versions.awaitModels(2);

        request.go.countDown();
        assertThat(old.get().value()).isEqualTo(1);
        update.get();
        Versions.awaitModels(1);
    }

    @Test
    void update_overARequestThatTakesLong_letsGoOfItsCaller_andFreesTheOldOneLater() throws Exception {
        try (ModelRegistry<Runnable, Integer> impatient =
                ModelRegistry.builder(Versions::open).patience(Duration.ZERO).open()) {
            impatient.register(archive("1.0", 1));
            Waiting request = new Waiting();
            CompletableFuture<Prediction<Integer>> old = InThread.supply(() -> impatient.predict("digits", request));
            request.inside.await();
            impatient.update(archive("2.0", 2));
            Versions.awaitModels(2);

            request.go.countDown();
            assertThat(old.get().value()).isEqualTo(1);
            Versions.awaitModels(1);
        }
    }

    @Test
    void update_interruptedOverARequest_letsGoOfItsCaller_andFreesTheOldOneLater() throws Exception {
        Path second = archive("2.0", 2);
        try (ModelRegistry<Runnable, Integer> registry = ModelRegistry.open(archive -> {
            Predictor<Runnable, Integer> predictor = Versions.open(archive);
            if (archive.path().equals(second)) {
                Thread.currentThread().interrupt();
            }
            return predictor;
        })) {
            registry.register(archive("1.0", 1));
            Waiting request = new Waiting();
            CompletableFuture<Prediction<Integer>> old = InThread.supply(() -> registry.predict("digits", request));
            request.inside.await();
            registry.update(second);
            assertThat(Thread.interrupted()).isTrue();
            Versions.awaitModels(2);

            request.go.countDown();
            assertThat(old.get().value()).isEqualTo(1);
            Versions.awaitModels(1);
        }
    }

    @Test
    void update_ofAnotherModel_doesNotWait() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch opening = new CountDownLatch(1);
        Path slow = archive("1.0", 1);
        try (ModelRegistry<Runnable, Integer> registry = ModelRegistry.open(archive -> {
            if (archive.path().equals(slow)) {
                opening.countDown();
                Waiting.await(go);
            }
            return Versions.open(archive);
        })) {
            CompletableFuture<Void> first = InThread.run(() -> {
                try {
                    registry.register(slow);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            opening.await();
            registry.register(Versions.write(folder.resolve("risk.mar"), "risk", "3", 3));
            assertThat(registry.predict("risk", ASK).value()).isEqualTo(3);
            go.countDown();
            first.get();
        }
    }

    @Test
    void close_refusesAll() throws IOException {
        models.register(archive("1.0", 1));
        Path second = archive("2.0", 2);
        models.close();
        models.close();
        Versions.awaitModels(0);
        assertThatThrownBy(() -> models.predict("digits", ASK))
                .isInstanceOf(ClosedException.class)
                .hasMessage("model registry is closed");
        assertThat(models.predictAsync("digits", ASK)).isCompletedExceptionally();
        assertThatThrownBy(() -> models.register(second)).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> models.update(second)).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> models.unregister("digits")).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> models.setDefault("digits", "1.0")).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> models.split("digits", Map.of("1.0", 1))).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> models.follow(folder)).isInstanceOf(ClosedException.class);
        assertThat(models.models()).isEmpty();
        assertThat(heard.events).containsExactly("registered digits 1.0");
    }

    @Test
    void close_whileAnArchiveIsOpened_freesIt() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch opening = new CountDownLatch(1);
        Path path = archive("1.0", 1);
        ModelRegistry<Runnable, Integer> registry = ModelRegistry.open(archive -> {
            opening.countDown();
            Waiting.await(go);
            return Versions.open(archive);
        });
        CompletableFuture<ModelVersion> register = InThread.supply(() -> {
            try {
                return registry.register(path);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        opening.await();
        CompletableFuture<Void> close = InThread.run(registry::close);
        go.countDown();
        close.get();
        // Either it was there before the close, which freed it then, or it was refused.
        assertThat(register.handle(
                                (version, failure) -> failure == null || failure.getCause() instanceof ClosedException)
                        .get())
                .isTrue();
        Versions.awaitModels(0);
    }

    @Test
    void update_aGoldenInputWithAnotherAnswer_leavesTheOldOne() throws IOException {
        try (ModelRegistry<Runnable, Integer> registry = ModelRegistry.open(archive ->
                Versions.builder(archive).warmUp(ASK, answer -> answer < 2).open())) {
            registry.register(archive("1.0", 1));
            Path second = archive("2.0", 2);

            assertThatThrownBy(() -> registry.update(second))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("is 2, which its check refuses");
            assertThat(registry.predict("digits", ASK).version()).isEqualTo("1.0");
            Versions.awaitModels(1);
        }
    }

    @Test
    void update_anOpenerThatReturnsNothing_leavesTheOldOne() throws IOException {
        AtomicBoolean broken = new AtomicBoolean();
        try (ModelRegistry<Runnable, Integer> registry =
                ModelRegistry.open(archive -> broken.get() ? nothing() : Versions.open(archive))) {
            registry.register(archive("1.0", 1));
            broken.set(true);
            Path second = archive("2.0", 2);

            assertThatThrownBy(() -> registry.update(second)).isInstanceOf(NullPointerException.class);
            assertThat(registry.models()).hasSize(1);
            assertThat(registry.predict("digits", ASK).value()).isEqualTo(1);
        }
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // as from code that nobody checks
    private static <T> T nothing() {
        return null;
    }

    @Test
    void listener_thatThrows_changesNothing() throws IOException {
        try (ModelRegistry<Runnable, Integer> registry = ModelRegistry.builder(Versions::open)
                .listener(new ModelRegistry.Listener() {
                    @Override
                    public void registered(ModelVersion version) {
                        throw new AssertionError("meant to be thrown by this test");
                    }
                })
                .open()) {
            registry.register(archive("1.0", 1));
            assertThat(registry.predict("digits", ASK).value()).isEqualTo(1);
        }
    }
}
