package dev.cresset.spring.boot;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.info.ConditionalOnEnabledInfoContributor;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Shows the models through the actuator, where the application has it. */
@AutoConfiguration(after = CressetAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
public final class CressetActuatorAutoConfiguration {

    CressetActuatorAutoConfiguration() {}

    @Bean
    @ConditionalOnAvailableEndpoint(CressetEndpoint.class)
    @ConditionalOnMissingBean
    CressetEndpoint cressetEndpoint(ModelInventory models) {
        return new CressetEndpoint(models);
    }

    @Bean
    @ConditionalOnEnabledInfoContributor("cresset")
    @ConditionalOnMissingBean
    CressetInfoContributor cressetInfoContributor(ModelInventory models) {
        return new CressetInfoContributor(models);
    }
}
