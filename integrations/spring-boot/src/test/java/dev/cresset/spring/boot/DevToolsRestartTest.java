package dev.cresset.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Predictor;
import dev.cresset.engine.EngineProvider;
import dev.cresset.mar.ModelArchive;
import java.net.URL;
import java.util.Arrays;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.devtools.restart.classloader.RestartClassLoader;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * DevTools starts an application again in a class loader of its own. With Cresset in it, which is the worst case and what a workspace
 * that builds it has, the bridge goes on to serve each of them.
 */
class DevToolsRestartTest {

    /** Loaded anew with each restart. */
    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(CressetAutoConfiguration.class)
    public static class Application {

        /** Starts, and asks its model once. */
        @SuppressWarnings("unchecked")
        public static AutoCloseable start(String path) {
            SpringApplication application = new SpringApplication(Application.class);
            application.setWebApplicationType(WebApplicationType.NONE);
            ConfigurableApplicationContext context = application.run(
                    "--cresset.models.risk.path=" + path,
                    "--cresset.models.risk.handler=floats",
                    "--cresset.models.risk.engine=torch",
                    "--cresset.models.risk.optimization=frozen");
            float[] answer = ((Predictor<float[], float[]>) context.getBean("risk")).predict(new float[30]);
            if (answer.length != 1) {
                throw new AssertionError(Arrays.toString(answer));
            }
            return context;
        }
    }

    /** Where all of Cresset is, and this test. */
    private static URL[] changing() {
        return Stream.of(
                        Predictor.class,
                        ModelArchive.class,
                        CressetAutoConfiguration.class,
                        DevToolsRestartTest.class,
                        ServiceLoader.load(EngineProvider.class).stream()
                                .map(ServiceLoader.Provider::type)
                                .filter(type -> type.getName().startsWith("dev.cresset.torch."))
                                .findFirst()
                                .orElseThrow())
                .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                .distinct()
                .toArray(URL[]::new);
    }

    private static AutoCloseable start(RestartClassLoader loader) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            Class<?> application = loader.loadClass(Application.class.getName());
            assertThat(application).isNotSameAs(Application.class);
            return (AutoCloseable) application
                    .getMethod("start", String.class)
                    .invoke(null, Fixtures.fixture("risk/risk.pt").toString());
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void restarts_keepTheBridge() throws Exception {
        for (int restart = 0; restart < 2; restart++) {
            try (RestartClassLoader loader = new RestartClassLoader(getClass().getClassLoader(), changing())) {
                start(loader).close();
            }
        }
    }

    @Test
    void twoAtATime_haveTheBridgeBoth() throws Exception {
        try (RestartClassLoader first = new RestartClassLoader(getClass().getClassLoader(), changing());
                RestartClassLoader second = new RestartClassLoader(getClass().getClassLoader(), changing());
                AutoCloseable one = start(first);
                AutoCloseable other = start(second)) {
            assertThat(one).isNotSameAs(other);
        }
    }
}
