package dev.cresset.spring.boot;

import static dev.cresset.spring.boot.Fixtures.withRisk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.Answer;
import dev.cresset.ClosedException;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.OverloadedException;
import dev.cresset.Predictor;
import dev.cresset.handler.TensorHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.ResolvableType;

/** Models open and close with the application, and nobody's request is lost. */
class LifecycleTest {

    private static final float[] ROW = new float[30];

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(CressetAutoConfiguration.class)
    static class Application {}

    private static SpringApplicationBuilder application(String... properties) {
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .properties(properties)
                .registerShutdownHook(false);
    }

    @SuppressWarnings("unchecked")
    private static Predictor<float[], float[]> risk(ConfigurableApplicationContext context) {
        return (Predictor<float[], float[]>) context.getBean("risk");
    }

    @Test
    void shutdownUnderLoad_everyRequestIsAnsweredOrRefusedByType() throws Exception {
        ConfigurableApplicationContext context =
                application(Fixtures.risk("risk")).run();
        Predictor<float[], float[]> risk = risk(context);
        AtomicLong answered = new AtomicLong();
        AtomicLong refused = new AtomicLong();
        AtomicLong asked = new AtomicLong();
        CountDownLatch busy = new CountDownLatch(64 * 20);
        ExecutorService callers = Executors.newFixedThreadPool(64);
        List<Future<?>> calls = new ArrayList<>();
        for (int caller = 0; caller < 64; caller++) {
            calls.add(callers.submit(() -> {
                while (true) {
                    asked.incrementAndGet();
                    try {
                        assertThat(risk.predict(ROW)).hasSize(1);
                        answered.incrementAndGet();
                        busy.countDown();
                    } catch (OverloadedException e) {
                        refused.incrementAndGet();
                    } catch (ClosedException e) {
                        refused.incrementAndGet();
                        return;
                    }
                }
            }));
        }
        assertThat(busy.await(60, TimeUnit.SECONDS)).isTrue();

        context.close();

        for (Future<?> call : calls) {
            call.get(60, TimeUnit.SECONDS);
        }
        callers.shutdown();
        assertThat(answered.get() + refused.get()).isEqualTo(asked.get());
        assertThat(refused.get()).isGreaterThanOrEqualTo(64);
    }

    /** A part of the application that still asks while it stops, as a web server does that answers what it has. */
    static final class LastRequests implements SmartLifecycle {
        private final Predictor<float[], float[]> risk;
        private volatile boolean running;
        private float @Nullable [] answer;

        LastRequests(Predictor<float[], float[]> risk) {
            this.risk = risk;
        }

        @Override
        public void start() {
            running = true;
        }

        @Override
        public void stop() {
            answer = risk.predict(ROW);
            running = false;
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        /** The lowest that Boot's web server has is far above. */
        @Override
        public int getPhase() {
            return 0;
        }
    }

    @Test
    void modelsClose_afterEverythingThatMayAskThemHasStopped() {
        ConfigurableApplicationContext context = application(Fixtures.risk("risk"))
                .initializers(it -> ((GenericApplicationContext) it).registerBean(LastRequests.class))
                .run();
        LastRequests requests = context.getBean(LastRequests.class);
        Predictor<float[], float[]> risk = risk(context);

        context.close();

        assertThat(requests.answer).hasSize(1);
        assertThatThrownBy(() -> risk.predict(ROW)).isInstanceOf(ClosedException.class);
    }

    @Test
    void contextThatIsStoppedAndStarted_keepsItsModels() {
        try (ConfigurableApplicationContext context =
                application(Fixtures.risk("risk")).run()) {
            context.stop();
            context.start();

            assertThat(risk(context).predict(ROW)).hasSize(1);
        }
    }

    @Test
    void contextOfATestThatIsPaused_keepsItsModels() {
        assertThat(new ConfiguredModels(
                                new CressetProperties(),
                                new GenericApplicationContext(),
                                new DefaultListableBeanFactory())
                        .isPauseable())
                .isFalse();
    }

    /** A handler whose model takes as long to open as the test wants. */
    static final class Held implements Handler<float[], float[]> {
        static CountDownLatch reached = new CountDownLatch(1);
        static CountDownLatch release = new CountDownLatch(1);

        private final Handler<float[], float[]> rows = TensorHandler.ofFloats(30);

        Held() throws InterruptedException {
            reached.countDown();
            assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
        }

        static void again() {
            reached = new CountDownLatch(1);
            release = new CountDownLatch(1);
        }

        @Override
        public Answer<float[]> preprocess(float[] row, Inputs inputs) throws Exception {
            return rows.preprocess(row, inputs);
        }
    }

    private static SpringApplicationBuilder withDeferred() {
        Held.again();
        return application(Fixtures.risk("risk"))
                .properties(
                        "cresset.models.risk.handler=" + Held.class.getName(),
                        "cresset.models.risk.bootstrap-mode=deferred");
    }

    @Test
    void deferredModel_opensWhileTheApplicationRuns_andWhoAsksWaits() throws Exception {
        try (ConfigurableApplicationContext context = withDeferred().run()) {
            assertThat(Held.reached.await(60, TimeUnit.SECONDS)).isTrue();
            ConfiguredModel model =
                    context.getBean(ConfiguredModels.class).all().iterator().next();
            assertThat(model.status().state()).isEqualTo(ConfiguredModel.State.OPENING);
            ObjectProvider<Predictor<float[], float[]>> provider = context.getBeanProvider(
                    ResolvableType.forClassWithGenerics(Predictor.class, float[].class, float[].class));
            ExecutorService caller = Executors.newSingleThreadExecutor();
            Future<float[]> answer = caller.submit(() -> provider.getObject().predict(ROW));
            caller.shutdown();
            assertThat(answer.isDone()).isFalse();

            Held.release.countDown();

            assertThat(answer.get(60, TimeUnit.SECONDS)).hasSize(1);
            assertThat(model.status().state()).isEqualTo(ConfiguredModel.State.READY);
        }
    }

    @Test
    void contextClosedWhileAModelOpens_leavesNothingOpen() throws Exception {
        ConfigurableApplicationContext context = withDeferred().run();
        assertThat(Held.reached.await(60, TimeUnit.SECONDS)).isTrue();
        ConfiguredModel model =
                context.getBean(ConfiguredModels.class).all().iterator().next();
        CountDownLatch ends = new CountDownLatch(1);
        context.addApplicationListener(event -> {
            if (event instanceof ContextClosedEvent) {
                ends.countDown();
            }
        });
        Thread closing = new Thread(context::close);
        closing.start();
        assertThat(ends.await(60, TimeUnit.SECONDS)).isTrue();

        Held.release.countDown();
        closing.join(TimeUnit.SECONDS.toMillis(60));

        assertThat(closing.isAlive()).isFalse();
        assertThat(model.status().state()).isEqualTo(ConfiguredModel.State.CLOSED);
        assertThat(model.ifReady()).isEmpty();
        assertThatThrownBy(model::predictor).isInstanceOf(ClosedException.class);
    }

    @Test
    void deferredModelThatCannotBeOpened_doesNotEndTheApplication() throws Exception {
        try (ConfigurableApplicationContext context = application(
                        "cresset.models.risk.path=no-such.pt",
                        "cresset.models.risk.handler=floats",
                        "cresset.models.risk.bootstrap-mode=deferred")
                .run()) {
            ConfiguredModel model =
                    context.getBean(ConfiguredModels.class).all().iterator().next();
            while (model.status().state() != ConfiguredModel.State.FAILED) {
                Thread.onSpinWait();
            }
            assertThat(model.status().failure()).hasMessageContaining("there is no file");
            assertThat(SpringApplication.exit(context)).isZero();
        }
    }

    @Test
    void predictorBean_isClosedWithoutALifecycle() {
        withRisk()
                .run(context -> assertThat(context.getBeanFactory()
                                .getMergedBeanDefinition("risk")
                                .getDestroyMethodName())
                        .isEqualTo("close"));
    }
}
