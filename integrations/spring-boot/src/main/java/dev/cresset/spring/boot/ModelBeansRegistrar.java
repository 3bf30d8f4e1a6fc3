package dev.cresset.spring.boot;

import dev.cresset.Predictor;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.spring.boot.ModelOpeningException.Kind;
import java.util.Map;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Defines the beans that properties name, each with the types of its requests and answers, so that it can be injected by them. Nothing
 * is opened here: this also runs when an application is built ahead of time. It comes after the application's own beans, which win.
 */
final class ModelBeansRegistrar implements ImportBeanDefinitionRegistrar {

    static final String MODELS = "cressetModels";
    static final String REGISTRY_FACTORY = "cressetRegistryFactory";
    static final String REGISTRY = "modelRegistry";

    private final Binder binder;
    private final ConfigurableListableBeanFactory beans;

    ModelBeansRegistrar(Environment environment, BeanFactory beans) {
        this.binder = Binder.get(environment);
        this.beans = (ConfigurableListableBeanFactory) beans;
    }

    @Override
    public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
        binder.bind(CressetProperties.MODELS, Bindable.mapOf(String.class, CressetProperties.Model.class))
                .orElse(Map.of())
                .forEach((name, model) -> register(name, model, registry));
        binder.bind(CressetProperties.REGISTRY, CressetProperties.Registry.class)
                .ifBound(properties -> register(properties, registry));
    }

    private void register(String name, CressetProperties.Model model, BeanDefinitionRegistry registry) {
        if (registry.containsBeanDefinition(name)) {
            requirePredictor(name);
            return;
        }
        RootBeanDefinition predictor = definition(CressetProperties.MODELS + "." + name, Predictor.class, model);
        predictor.setFactoryBeanName(MODELS);
        predictor.setFactoryMethodName("predictor");
        predictor.getConstructorArgumentValues().addIndexedArgumentValue(0, name);
        if (model.getBootstrapMode() != BootstrapMode.DEFAULT) {
            predictor.setLazyInit(true); // otherwise as the application has it for all its beans
        }
        registry.registerBeanDefinition(name, predictor);
    }

    /** One of the application's own takes the model's place; a bean of another kind has its name by mistake. */
    private void requirePredictor(String name) {
        Class<?> type = beans.getType(name, /* allowFactoryBeanInit= */ false);
        if (type != null && !Predictor.class.isAssignableFrom(type)) {
            throw new ModelOpeningException(
                    Kind.NAME,
                    CressetProperties.MODELS + "." + name,
                    "there is a bean '" + name + "' already, of type " + type.getName());
        }
    }

    private void register(CressetProperties.Registry properties, BeanDefinitionRegistry registry) {
        boolean isOwn = beans.getBeanNamesForType(ModelRegistry.class, true, false).length > 0;
        if (properties.getPath() == null || isOwn) {
            return;
        }
        RootBeanDefinition models = definition(CressetProperties.REGISTRY, ModelRegistry.class, properties);
        models.setFactoryBeanName(REGISTRY_FACTORY);
        models.setFactoryMethodName("modelRegistry");
        models.setDependsOn(MODELS);
        registry.registerBeanDefinition(REGISTRY, models);
    }

    private RootBeanDefinition definition(String prefix, Class<?> generic, PredictorProperties properties) {
        RootBeanDefinition definition = new RootBeanDefinition();
        definition.setTargetType(type(generic, properties));
        definition.setDestroyMethodName("close");
        definition.setResourceDescription(prefix);
        return definition;
    }

    /** Without a handler, the archive's own. One that is not known yet is looked for again when the model is opened. */
    private ResolvableType type(Class<?> generic, PredictorProperties properties) {
        String handler = properties.getHandler();
        if (handler == null) {
            return ResolvableType.forClassWithGenerics(generic, byte[].class, String.class);
        }
        return HandlerReference.find(handler, PredictorOpener.columns(properties), beans)
                .map(found -> found.of(generic))
                .orElseGet(() -> ResolvableType.forClass(generic));
    }
}
