package dev.cresset.spring.boot;

import static dev.cresset.spring.boot.Fixtures.application;
import static dev.cresset.spring.boot.Fixtures.fixture;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.ClosedException;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.registry.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A folder of archives as a bean. */
class RegistryBeanTest {

    record Service(ModelRegistry<byte[], String> models) {}

    private static byte[] six() throws IOException {
        return Files.readAllBytes(fixture("digits/images/0034-six.png"));
    }

    @Test
    void registry_hasWhatIsInTheFolder_andClosesWithTheApplication(@TempDir Path folder) throws IOException {
        Files.copy(fixture("digits/digits.mar"), folder.resolve("digits.mar"));
        AtomicReference<ModelRegistry<byte[], String>> kept = new AtomicReference<>();
        application()
                .withPropertyValues("cresset.registry.path=" + folder, "cresset.registry.optimization=frozen")
                .withBean(Service.class)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    ModelRegistry<byte[], String> models =
                            context.getBean(Service.class).models();
                    kept.set(models);
                    assertThat(models.predict("digits", six()).value()).contains("\"six\": 0.9");
                    assertThat(models.models().get(0).plan().reason()).contains("options");
                });
        assertThatThrownBy(() -> requireNonNull(kept.get()).predict("digits", six()))
                .isInstanceOf(ClosedException.class);
    }

    /** Hears that an archive has come. */
    static final class Arrivals implements ModelRegistry.Listener {
        private final CountDownLatch second = new CountDownLatch(1);

        @Override
        public void updated(ModelVersion before, ModelVersion after) {
            second.countDown();
        }
    }

    @Test
    void archiveThatIsOverwritten_isReloaded_andListenersHearOfIt(@TempDir Path folder) throws IOException {
        Path archive = Files.copy(fixture("digits/digits.mar"), folder.resolve("digits.mar"));
        application()
                .withPropertyValues(
                        "cresset.registry.path=" + folder,
                        "cresset.registry.interval=10ms",
                        "cresset.registry.optimization=frozen")
                .withBean(Arrivals.class)
                .withBean(Service.class)
                .run(context -> {
                    ModelRegistry<byte[], String> models =
                            context.getBean(Service.class).models();
                    Path next = Files.copy(archive, folder.resolve("digits.mar.part"));
                    Files.setLastModifiedTime(
                            next,
                            FileTime.from(Files.getLastModifiedTime(archive)
                                    .toInstant()
                                    .plusSeconds(5)));
                    Files.move(next, archive, StandardCopyOption.ATOMIC_MOVE);
                    assertThat(context.getBean(Arrivals.class).second.await(60, TimeUnit.SECONDS))
                            .isTrue();
                    assertThat(models.predict("digits", six()).revision()).isEqualTo(2);
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnRegistry {
        @Bean
        ModelRegistry<byte[], String> ours() {
            return ModelRegistry.open();
        }
    }

    @Test
    void registryOfTheApplication_takesItsPlace() {
        application()
                .withUserConfiguration(OwnRegistry.class)
                .withPropertyValues("cresset.registry.path=no-such-folder")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context).hasSingleBean(ModelRegistry.class).hasBean("ours");
                });
    }

    @Test
    void withoutAPath_thereIsNone() {
        application().run(context -> assertThat(context).doesNotHaveBean(ModelRegistry.class));
    }
}
