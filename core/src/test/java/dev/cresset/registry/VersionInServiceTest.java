package dev.cresset.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.InvalidInputException;
import dev.cresset.engine.OpenThings;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whether a version is empty: the requests inside it, however they end. */
@ExtendWith(OpenThings.class)
@Timeout(60)
public class VersionInServiceTest {

    private final CompletableFuture<Integer> answer = new CompletableFuture<>();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private VersionInService<Runnable, Integer> live;

    @BeforeEach
    void open() throws IOException {
        try (ModelArchive archive = ModelArchive.open(Versions.write(folder.resolve("m.mar"), "m", "1.0", 1))) {
            live = new VersionInService<>("m", "1.0", 7, archive.path(), Versions.open(archive));
        }
        assertThat(live.enter()).isTrue();
    }

    @AfterEach
    void close() {
        live.close();
        Versions.awaitModels(0);
    }

    private boolean isEmpty() {
        live.refuse();
        return live.awaitEmpty(Duration.ZERO);
    }

    @Test
    void predict_leaves() {
        assertThat(live.predict(() -> {})).isEqualTo(new Prediction<>(1, "m", "1.0", 7));
        assertThat(isEmpty()).isTrue();
    }

    @Test
    void predict_aRequestThatFails_leaves() {
        assertThatThrownBy(() -> live.predict(() -> {
                    throw new InvalidInputException("no");
                }))
                .isInstanceOf(InvalidInputException.class);
        assertThat(isEmpty()).isTrue();
    }

    @Test
    void predictAsync_staysUntilTheAnswer() {
        CompletableFuture<Prediction<Integer>> later = live.predictAsync(predictor -> answer);
        assertThat(isEmpty()).isFalse();
        answer.complete(5);
        assertThat(later.join()).isEqualTo(new Prediction<>(5, "m", "1.0", 7));
        assertThat(isEmpty()).isTrue();
    }

    @Test
    void predictAsync_aFailure_leaves() {
        CompletableFuture<Prediction<Integer>> later = live.predictAsync(predictor -> answer);
        answer.completeExceptionally(new InvalidInputException("no"));
        assertThatThrownBy(later::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(InvalidInputException.class);
        assertThat(isEmpty()).isTrue();
    }

    @Test
    void predictAsync_anAskThatThrows_leaves() {
        assertThatThrownBy(() -> live.predictAsync(predictor -> {
                    throw new IllegalArgumentException("no");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(isEmpty()).isTrue();
    }

    @Test
    void cancel_cancelsThePredictorsFuture_andLeaves() {
        CompletableFuture<Prediction<Integer>> later = live.predictAsync(predictor -> answer);
        assertThat(later.cancel(true)).isTrue();
        assertThat(later).isCancelled();
        assertThat(answer).isCancelled();
        assertThat(isEmpty()).isTrue();
    }

    /** A caller may unregister the model when it has its answer; that waits for those who are inside. */
    @Test
    void callbacks_areNotInside() {
        List<Boolean> seen = new ArrayList<>();
        CompletableFuture<Prediction<Integer>> later = live.predictAsync(predictor -> answer);
        CompletableFuture<Void> called = later.thenAccept(prediction -> seen.add(isEmpty()));
        answer.complete(5);
        assertThat(called).isCompleted();
        assertThat(seen).containsExactly(true);
    }

    @Test
    void callbacksOfACancelled_areNotInside() {
        List<Boolean> seen = new ArrayList<>();
        CompletableFuture<Prediction<Integer>> later = live.predictAsync(predictor -> answer);
        CompletableFuture<Prediction<Integer>> called =
                later.whenComplete((prediction, failure) -> seen.add(isEmpty()));
        later.cancel(true);
        assertThat(called).isCompletedExceptionally();
        assertThat(seen).containsExactly(true);
    }
}
