package dev.cresset.spring.boot;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.ClosedException;
import dev.cresset.Predictor;
import dev.cresset.handler.TensorHandler;
import dev.cresset.spring.boot.ConfiguredModel.State;
import dev.cresset.spring.boot.PredictorOpener.Opened;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The life of one model: who opens it, and who closes it. */
@Timeout(60)
class ConfiguredModelTest {

    private static Opened opened() {
        try {
            return new Opened(
                    Predictor.open(Fixtures.fixture("risk/risk.pt"), TensorHandler.ofFloats()), Optional.empty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ConfiguredModel model(Supplier<Opened> opener) {
        return new ConfiguredModel("risk", "risk.pt", BootstrapMode.LAZY, (name, location) -> opener.get());
    }

    @Test
    void failure_isTriedAgainByTheNextOne() {
        AtomicInteger tries = new AtomicInteger();
        ConfiguredModel model = model(() -> {
            if (tries.incrementAndGet() == 1) {
                throw new IllegalStateException("not yet");
            }
            return opened();
        });

        assertThatThrownBy(model::predictor).hasMessage("not yet");
        assertThat(model.status().state()).isEqualTo(State.FAILED);
        assertThat(model.predictor()).isSameAs(model.predictor());
        assertThat(tries).hasValue(2);
        model.close();
    }

    @Test
    void afterClose_nothingIsOpened() {
        ConfiguredModel model = model(() -> {
            throw new AssertionError("opened");
        });
        model.close();

        assertThatThrownBy(model::predictor)
                .isInstanceOf(ClosedException.class)
                .hasMessageContaining("'risk' is closed");
        assertThat(model.status().state()).isEqualTo(State.CLOSED);
    }

    @Test
    void closeThatDoesNotWait_isDoneByWhoOpens() throws InterruptedException {
        CountDownLatch opening = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicReference<Predictor<?, ?>> made = new AtomicReference<>();
        ConfiguredModel model = model(() -> {
            Opened opened = opened();
            made.set(opened.predictor());
            opening.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return opened;
        });
        AtomicReference<Throwable> refusal = new AtomicReference<>();
        Thread opener = new Thread(() -> {
            try {
                model.predictor();
            } catch (RuntimeException e) {
                refusal.set(e);
            }
        });
        opener.start();
        opening.await();

        model.closeUnlessOpening();
        assertThat(model.status().state()).isEqualTo(State.OPENING);
        release.countDown();
        opener.join();

        assertThat(refusal.get()).isInstanceOf(ClosedException.class);
        assertThat(model.status().state()).isEqualTo(State.CLOSED);
        @SuppressWarnings("unchecked")
        Predictor<float[], float[]> predictor = (Predictor<float[], float[]>) requireNonNull(made.get());
        assertThatThrownBy(() -> predictor.predict(new float[30])).isInstanceOf(ClosedException.class);
    }
}
