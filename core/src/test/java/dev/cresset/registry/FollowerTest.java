package dev.cresset.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.engine.OpenThings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a registry when things are done to a folder that it follows. */
@ExtendWith(OpenThings.class)
@Timeout(60)
public class FollowerTest {

    /** A request that needs nothing done. */
    private static final Runnable ASK = Thread::onSpinWait;

    private final ModelRegistryTest.Heard heard = new ModelRegistryTest.Heard();

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

    /** Writes an archive that was modified in that second. */
    private Path write(String file, String version, int answer, int second) throws IOException {
        return touch(Versions.write(folder.resolve(file), "digits", version, answer), second);
    }

    private static Path touch(Path file, int second) throws IOException {
        Files.setLastModifiedTime(file, FileTime.fromMillis(1000L * second));
        return file;
    }

    private static void settle(Follower<Runnable, Integer> follower) {
        follower.look();
        follower.look();
    }

    private List<String> versions() {
        return models.models().stream()
                .map(v -> v.version() + (v.isDefault() ? " default" : ""))
                .toList();
    }

    @Test
    void follow_opensWhatIsThere_theLastModifiedIsTheDefault() throws IOException {
        write("b.mar", "1.0", 1, 100);
        write("a.mar", "2.0", 2, 200);
        models.follow(folder);
        assertThat(versions()).containsExactly("1.0", "2.0 default");
    }

    @Test
    void follow_looksAgainByItself() throws IOException {
        models.follow(folder, Duration.ofMillis(1));
        write("a.mar", "1.0", 1, 100);
        while (models.models().isEmpty()) {
            Thread.onSpinWait();
        }
        assertThat(models.predict("digits", ASK).value()).isEqualTo(1);
    }

    @Test
    void follow_atIntervalsOfForEver_isNoError() throws Exception {
        models.follow(folder, ChronoUnit.FOREVER.getDuration());
        Thread follower = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("cresset-follow-" + folder.getFileName()))
                .findFirst()
                .orElseThrow();
        while (follower.getState() != Thread.State.TIMED_WAITING) {
            assertThat(follower.getState()).isNotEqualTo(Thread.State.TERMINATED);
            Thread.onSpinWait();
        }
    }

    @Test
    void follow_whatIsNoFolder_isRefused() {
        assertThatThrownBy(() -> models.follow(folder.resolve("none"))).isInstanceOf(NotDirectoryException.class);
        assertThatThrownBy(() -> models.follow(folder, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void look_aNewArchive_isRegistered_andTheDefault() throws IOException {
        write("a.mar", "1.0", 1, 100);
        Follower<Runnable, Integer> follower = models.follower(folder);
        write("b.mar", "2.0", 2, 200);
        follower.look();
        assertThat(versions()).containsExactly("1.0 default");
        follower.look();
        assertThat(versions()).containsExactly("1.0", "2.0 default");
    }

    @Test
    void look_aNewArchiveThatIsOlder_isNotTheDefault() throws IOException {
        write("b.mar", "2.0", 2, 200);
        Follower<Runnable, Integer> follower = models.follower(folder);
        write("a.mar", "1.0", 1, 100);
        settle(follower);
        assertThat(versions()).containsExactly("2.0 default", "1.0");
    }

    @Test
    void look_aChangedArchive_isPutInItsPlace() throws IOException {
        write("a.mar", "1.0", 1, 100);
        Follower<Runnable, Integer> follower = models.follower(folder);
        write("a.mar", "1.0", 11, 200);
        settle(follower);
        assertThat(models.predict("digits", ASK)).isEqualTo(new Prediction<>(11, "digits", "1.0", 2));
        write("a.mar", "2.0", 2, 300);
        settle(follower);
        assertThat(versions()).containsExactly("2.0 default");
        assertThat(heard.events)
                .containsExactly(
                        "registered digits 1.0",
                        "updated digits 1.0 to digits 1.0",
                        "updated digits 1.0 to digits 2.0");
    }

    @Test
    void look_aChangedArchiveOfAnotherModel_leavesTheOldModel() throws IOException {
        write("a.mar", "1.0", 1, 100);
        Follower<Runnable, Integer> follower = models.follower(folder);
        touch(Versions.write(folder.resolve("a.mar"), "risk", "1.0", 2), 200);
        settle(follower);
        assertThat(heard.events)
                .containsExactly("registered digits 1.0", "registered risk 1.0", "unregistered digits 1.0");
    }

    @Test
    void look_anArchiveThatIsGone_isUnregistered_andTheDefaultGoesBack() throws IOException {
        write("a.mar", "1.0", 1, 100);
        Path second = write("b.mar", "2.0", 2, 200);
        Follower<Runnable, Integer> follower = models.follower(folder);
        Files.delete(second);
        follower.look();
        assertThat(versions()).containsExactly("1.0", "2.0 default");
        follower.look();
        assertThat(versions()).containsExactly("1.0 default");
        Files.delete(folder.resolve("a.mar"));
        settle(follower);
        assertThat(versions()).isEmpty();
    }

    @Test
    void look_theDefaultIsGone_aVersionOfAnotherOriginIsLeft() throws IOException {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Path file = write("a.mar", "1.0", 1, 100);
        Follower<Runnable, Integer> follower = models.follower(folder);
        models.register(Versions.write(elsewhere.resolve("b.mar"), "digits", "2.0", 2));
        Files.delete(file);
        settle(follower);
        assertThat(versions()).containsExactly("2.0 default");
    }

    @Test
    void look_anArchiveThatIsRenamed_goesOn() throws IOException {
        Path file = write("a.mar", "1.0", 1, 100);
        Follower<Runnable, Integer> follower = models.follower(folder);
        Files.move(file, folder.resolve("b.mar"));
        settle(follower);
        assertThat(heard.events).containsExactly("registered digits 1.0", "updated digits 1.0 to digits 1.0");
        follower.look();
        assertThat(versions()).containsExactly("1.0 default");
    }

    @Test
    void look_anArchiveMovedOverAnother_takesItsPlaceAndKeepsItsVersion() throws IOException {
        Path first = write("a.mar", "1.0", 1, 100);
        Path second = write("b.mar", "2.0", 2, 200);
        Follower<Runnable, Integer> follower = models.follower(folder);
        Files.move(second, first, StandardCopyOption.REPLACE_EXISTING);
        settle(follower);
        assertThat(versions()).containsExactly("2.0 default");
        assertThat(models.models().get(0).archive()).isEqualTo(first);
        Files.delete(first);
        settle(follower);
        assertThat(versions()).isEmpty();
    }

    @Test
    void look_aSecondArchiveOfAVersion_waitsForTheFirstToGo() throws IOException {
        Path file = write("a.mar", "1.0", 1, 100);
        Follower<Runnable, Integer> follower = models.follower(folder);
        write("b.mar", "1.0", 2, 200);
        settle(follower);
        follower.look();
        assertThat(models.predict("digits", ASK).value()).isEqualTo(1);
        Files.delete(file);
        settle(follower);
        assertThat(models.predict("digits", ASK).value()).isEqualTo(2);
        assertThat(heard.events)
                .containsExactly(
                        "registered digits 1.0",
                        "failed b.mar RegistryConflictException",
                        "updated digits 1.0 to digits 1.0");
    }

    @Test
    void look_aBrokenArchive_isToldOnce_andTriedAgainWhenItChanges() throws IOException {
        write("a.mar", "1.0", 1, 100);
        Follower<Runnable, Integer> follower = models.follower(folder);
        touch(Versions.broken(folder.resolve("a.mar"), "digits", "2.0"), 200);
        settle(follower);
        settle(follower);
        assertThat(models.predict("digits", ASK).value()).isEqualTo(1);
        assertThat(heard.events).containsExactly("registered digits 1.0", "failed a.mar ModelLoadException");
        write("a.mar", "2.0", 2, 300);
        settle(follower);
        assertThat(versions()).containsExactly("2.0 default");
    }

    @Test
    void look_anArchiveThatIsCutOff_leavesWhatItWas_untilItIsWhole() throws IOException {
        Path archive = write("a.mar", "1.0", 1, 100);
        Follower<Runnable, Integer> follower = models.follower(folder);
        byte[] whole = Files.readAllBytes(write("a.mar", "1.0", 2, 200));
        Files.write(archive, Arrays.copyOf(whole, whole.length / 2));
        settle(follower);
        Files.write(archive, new byte[0]);
        settle(follower);
        assertThat(models.predict("digits", ASK).value()).isEqualTo(1);
        assertThat(heard.events)
                .containsExactly(
                        "registered digits 1.0", "failed a.mar ArchiveException", "failed a.mar ArchiveException");
        Files.write(archive, whole);
        settle(follower);
        assertThat(models.predict("digits", ASK).value()).isEqualTo(2);
    }

    @Test
    void look_aFolderThatIsGone_isToldOnce_andItsModelsGoOn() throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        write("inner/a.mar", "1.0", 1, 100);
        Follower<Runnable, Integer> follower = models.follower(inner);
        Files.move(inner, folder.resolve("elsewhere"));
        settle(follower);
        settle(follower);
        assertThat(models.predict("digits", ASK).value()).isEqualTo(1);
        assertThat(heard.events).containsExactly("registered digits 1.0", "failed inner NoSuchFileException");
        Files.move(folder.resolve("elsewhere"), inner);
        settle(follower);
        assertThat(heard.events).hasSize(2);
    }

    @Test
    void look_whatWasUnregisteredByHand_isNotMissed() throws IOException {
        write("a.mar", "1.0", 1, 100);
        Follower<Runnable, Integer> follower = models.follower(folder);
        models.unregister("digits");
        settle(follower);
        assertThat(versions()).isEmpty();
        write("a.mar", "1.0", 2, 200);
        settle(follower);
        assertThat(versions()).containsExactly("1.0 default");
        models.unregister("digits");
        Files.delete(folder.resolve("a.mar"));
        settle(follower);
        assertThat(heard.events).noneMatch(event -> event.startsWith("failed"));
    }

    @Test
    void look_afterClose_doesNothing() throws IOException {
        Follower<Runnable, Integer> follower = models.follower(folder);
        models.close();
        write("a.mar", "1.0", 1, 100);
        settle(follower);
        assertThat(heard.events).isEmpty();
        Versions.awaitModels(0);
    }
}
