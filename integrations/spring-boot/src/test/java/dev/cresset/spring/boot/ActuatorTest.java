package dev.cresset.spring.boot;

import static dev.cresset.spring.boot.Fixtures.application;
import static dev.cresset.spring.boot.Fixtures.fixture;
import static dev.cresset.spring.boot.Fixtures.risk;
import static dev.cresset.spring.boot.Fixtures.withRisk;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.cresset.Predictor;
import dev.cresset.micrometer.PredictorMeters;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

/** What the actuator and Micrometer say of the models. */
class ActuatorTest {

    private static final AutoConfigurations SHOWN = AutoConfigurations.of(
            CressetHealthContributorAutoConfiguration.class,
            CressetActuatorAutoConfiguration.class,
            CressetMetricsAutoConfiguration.class,
            MetricsAutoConfiguration.class,
            CompositeMeterRegistryAutoConfiguration.class,
            SimpleMetricsExportAutoConfiguration.class);

    private static ApplicationContextRunner shown(ApplicationContextRunner runner) {
        return runner.withConfiguration(SHOWN)
                .withPropertyValues("management.endpoints.web.exposure.include=cresset,health,info");
    }

    private static Health health(ApplicationContext context) {
        Health health = context.getBean(HealthIndicator.class).health();
        return requireNonNull(health);
    }

    @SuppressWarnings("unchecked")
    private static Predictor<float[], float[]> predictor(Object bean) {
        return (Predictor<float[], float[]>) bean;
    }

    @Test
    void health_isUpWithVersionsAndPlans(@TempDir Path folder) throws IOException {
        Files.copy(fixture("digits/digits.mar"), folder.resolve("digits.mar"));
        shown(withRisk())
                .withPropertyValues(
                        "cresset.models.scored.path=" + fixture("risk/risk.mar"),
                        "cresset.models.scored.optimization=frozen",
                        "cresset.registry.path=" + folder,
                        "cresset.registry.optimization=frozen")
                .run(context -> {
                    Health health = health(context);
                    assertThat(health.getStatus()).isEqualTo(Status.UP);
                    assertThat(health.getDetails())
                            .containsEntry(
                                    "scored",
                                    Map.of(
                                            "state",
                                            ConfiguredModel.State.READY,
                                            "version",
                                            "1.0",
                                            "plan",
                                            "FROZEN, AS_SAVED",
                                            "devices",
                                            List.of("cpu")))
                            .containsEntry("modelRegistry", Map.of("digits 1.0", "FROZEN, AS_SAVED"))
                            .containsKey("risk");
                });
    }

    @Test
    void health_isOutOfService_whileADeferredModelIsNotThere() {
        shown(withRisk())
                .withPropertyValues("cresset.models.risk.bootstrap-mode=lazy")
                .run(context -> {
                    assertThat(health(context).getStatus()).isEqualTo(Status.UP);
                    ConfiguredModels models = context.getBean(ConfiguredModels.class);
                    models.all().forEach(ConfiguredModel::close);
                    assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
                });
        shown(application())
                .withPropertyValues(
                        "cresset.models.risk.path=no-such.pt",
                        "cresset.models.risk.handler=floats",
                        "cresset.models.risk.bootstrap-mode=deferred")
                .run(context -> {
                    // Not opened yet, being opened, or failed.
                    assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
                });
    }

    @Test
    void health_isOutOfService_whileARegistryIsEmpty(@TempDir Path folder) {
        shown(application())
                .withPropertyValues("cresset.registry.path=" + folder)
                .run(context -> assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE));
    }

    @Test
    void health_isLeftOut_whereItIsNotWanted() {
        shown(application())
                .withPropertyValues("management.health.cresset.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(HealthIndicator.class));
    }

    @Test
    @Timeout(60)
    void meters_areBoundToEachModel_andGoWithTheApplication() {
        SimpleMeterRegistry kept = new SimpleMeterRegistry();
        shown(withRisk()).withBean(MeterRegistry.class, () -> kept).run(context -> {
            predictor(context.getBean("risk")).predict(new float[30]);
            FunctionCounter answered = kept.get("cresset.requests")
                    .tag("model", "risk")
                    .tag("outcome", "answered")
                    .functionCounter();
            while (answered.count() < 1) {
                Thread.onSpinWait(); // meters look at a predictor every tenth of a second
            }
            assertThat(answered.count()).isEqualTo(1);
        });
        assertThat(kept.getMeters()).isEmpty();
    }

    @Test
    void meters_ofALazyModel_comeWithIt() {
        shown(withRisk())
                .withPropertyValues("cresset.models.risk.bootstrap-mode=lazy")
                .run(context -> {
                    MeterRegistry registry = context.getBean(MeterRegistry.class);
                    assertThat(registry.find("cresset.requests").functionCounter())
                            .isNull();
                    predictor(context.getBean("risk")).predict(new float[30]);
                    assertThat(registry.find("cresset.requests").functionCounters())
                            .isNotEmpty();
                });
    }

    @Test
    @Timeout(60)
    void meters_ofADeferredModel_comeWithIt_whetherSomebodyAsksOrNot() {
        shown(withRisk())
                .withPropertyValues("cresset.models.risk.bootstrap-mode=deferred")
                .run(context -> {
                    MeterRegistry registry = context.getBean(MeterRegistry.class);
                    while (registry.find("cresset.running").gauge() == null) {
                        Thread.onSpinWait();
                    }
                    assertThat(health(context).getStatus()).isEqualTo(Status.UP);
                });
    }

    @Test
    void meters_ofARegistry_areTaggedWithVersions(@TempDir Path folder) throws IOException {
        Files.copy(fixture("digits/digits.mar"), folder.resolve("digits.mar"));
        shown(application())
                .withPropertyValues("cresset.registry.path=" + folder, "cresset.registry.optimization=frozen")
                .run(context -> assertThat(context.getBean(MeterRegistry.class)
                                .find("cresset.running")
                                .tags("model", "digits", "version", "1.0")
                                .gauge())
                        .isNotNull());
    }

    @Test
    void withoutMicrometer_orItsModule_modelsAreThereAllTheSame() {
        for (Class<?> missing : new Class<?>[] {MeterRegistry.class, PredictorMeters.class, HealthIndicator.class}) {
            withRisk()
                    .withConfiguration(AutoConfigurations.of(
                            CressetHealthContributorAutoConfiguration.class,
                            CressetActuatorAutoConfiguration.class,
                            CressetMetricsAutoConfiguration.class))
                    .withClassLoader(new FilteredClassLoader(missing))
                    .run(context -> {
                        assertThat(context).hasNotFailed();
                        assertThat(context).doesNotHaveBean(ModelMeters.class);
                    });
        }
    }

    @Test
    void endpoint_showsPlansAndMetrics() {
        shown(withRisk()).run(context -> {
            predictor(context.getBean("risk")).predict(new float[30]);
            CressetEndpoint endpoint = context.getBean(CressetEndpoint.class);

            CressetEndpoint.Model risk =
                    requireNonNull(endpoint.models().models().get("risk"));

            assertThat(risk.state()).isEqualTo("READY");
            assertThat(requireNonNull(risk.plan()).optimization()).isEqualTo("FROZEN");
            assertThat(risk.devices()).containsExactly("cpu");
            assertThat(requireNonNull(risk.metrics()).answered()).isEqualTo(1);
            assertThat(risk.methods()).isNull();
            CressetEndpoint.Model inDetail = requireNonNull(endpoint.model("risk"));
            assertThat(requireNonNull(inDetail.methods())).containsKey("forward");
            assertThat(endpoint.model("none")).isNull();
        });
    }

    @Test
    void endpoint_isThereOnlyWhereItIsExposed() {
        withRisk().withConfiguration(SHOWN).run(context -> assertThat(context).doesNotHaveBean(CressetEndpoint.class));
    }

    @Test
    void endpoint_saysWhyAModelCouldNotBeOpened_andWhoseIsOfTheApplicationsOwn() {
        shown(application().withUserConfiguration(PredictorBeansTest.OwnPredictor.class))
                .withPropertyValues(
                        "cresset.models.broken.path=no-such.pt",
                        "cresset.models.broken.handler=floats",
                        "cresset.models.broken.bootstrap-mode=lazy")
                .run(context -> {
                    assertThat(catchThrowable(() -> context.getBean("broken")))
                            .hasRootCauseInstanceOf(ModelOpeningException.class);
                    Map<String, CressetEndpoint.Model> models =
                            context.getBean(CressetEndpoint.class).models().models();
                    assertThat(requireNonNull(models.get("broken")).failure()).startsWith("there is no file");
                    assertThat(requireNonNull(models.get("risk")).state()).isEqualTo("READY");
                });
    }

    @Test
    void info_saysWhichVersionsAnswer() {
        shown(application())
                .withPropertyValues(risk("risk"))
                .withPropertyValues(
                        "cresset.models.scored.path=" + fixture("risk/risk.mar"),
                        "cresset.models.scored.optimization=frozen")
                .run(context -> {
                    Info.Builder info = new Info.Builder();
                    context.getBean(CressetInfoContributor.class).contribute(info);
                    assertThat(info.build().getDetails().get("cresset"))
                            .asInstanceOf(InstanceOfAssertFactories.MAP)
                            .containsEntry("models", Map.of("scored", "1.0", "risk", "unversioned"));
                });
    }
}
