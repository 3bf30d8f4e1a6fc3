package dev.cresset.spring.boot;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** Says how the models are, where the application has health. */
@AutoConfiguration(after = CressetAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnEnabledHealthIndicator("cresset")
public final class CressetHealthContributorAutoConfiguration {

    CressetHealthContributorAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean(name = {"cressetHealthIndicator", "cressetHealthContributor"})
    CressetHealthIndicator cressetHealthIndicator(ModelInventory models) {
        return new CressetHealthIndicator(models);
    }
}
