package dev.cresset.spring.boot;

import dev.cresset.micrometer.PredictorMeters;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** Binds the metrics of all predictor and registry beans, where the application has Micrometer and {@code cresset-micrometer}. */
@AutoConfiguration(
        after = CressetAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
            "org.springframework.boot.actuate.autoconfigure.metrics.CompositeMeterRegistryAutoConfiguration"
        })
@ConditionalOnClass({MeterRegistry.class, PredictorMeters.class})
@ConditionalOnBean(MeterRegistry.class)
public final class CressetMetricsAutoConfiguration {

    CressetMetricsAutoConfiguration() {}

    @Bean
    static ModelMeters cressetModelMeters(ObjectProvider<MeterRegistry> meters) {
        return new ModelMeters(meters);
    }
}
