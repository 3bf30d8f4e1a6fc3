package dev.cresset.spring.boot;

import dev.cresset.Predictor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** Makes beans of the models that the application's properties name, and of the folder that they follow. */
@AutoConfiguration
@ConditionalOnClass(Predictor.class)
@EnableConfigurationProperties(CressetProperties.class)
@Import(ModelBeansRegistrar.class)
public final class CressetAutoConfiguration {

    CressetAutoConfiguration() {}

    @Bean(ModelBeansRegistrar.MODELS)
    ConfiguredModels cressetModels(
            CressetProperties properties, ApplicationContext context, ConfigurableListableBeanFactory beans) {
        return new ConfiguredModels(properties, context, beans);
    }

    @Bean(ModelBeansRegistrar.REGISTRY_FACTORY)
    RegistryFactory cressetRegistryFactory(
            CressetProperties properties, ApplicationContext context, ConfigurableListableBeanFactory beans) {
        return new RegistryFactory(properties, beans, context);
    }

    @Bean
    ModelInventory cressetModelInventory(ConfiguredModels configured, ConfigurableListableBeanFactory beans) {
        return new ModelInventory(configured, beans);
    }
}
