package dev.cresset.spring.boot;

import dev.cresset.Predictor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** An application in a JVM of its own, which may be prepared ahead of time: it says what its model answers, and ends. */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration(CressetAutoConfiguration.class)
public class PreparedApplication {

    /** What asks. */
    public record Scores(float first) {}

    @Bean
    Scores scores(Predictor<float[], float[]> risk) {
        return new Scores(risk.predict(new float[30])[0]);
    }

    /** Says what the model answered. */
    public static void main(String[] args) {
        try (ConfigurableApplicationContext context = SpringApplication.run(PreparedApplication.class, args)) {
            System.out.println("prepared: " + System.getProperty("spring.aot.enabled") + ", scores: "
                    + context.getBean(Scores.class).first());
        }
    }
}
