package dev.cresset.spring.boot;

import dev.cresset.Predictor;
import dev.cresset.mar.ModelArchive;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.spring.boot.ModelOpeningException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.io.ResourceLoader;

/** Opens the registry of the properties, with what is in its folder now. */
final class RegistryFactory {

    private final CressetProperties.Registry properties;
    private final ConfigurableListableBeanFactory beans;
    private final ResourceLoader resources;
    private final PredictorOpener opener;

    RegistryFactory(CressetProperties properties, ConfigurableListableBeanFactory beans, ResourceLoader resources) {
        this.properties = properties.getRegistry();
        this.beans = beans;
        this.resources = resources;
        this.opener = new PredictorOpener(CressetProperties.REGISTRY, this.properties, beans, resources);
    }

    /** Makes the bean: its definition names this method. */
    ModelRegistry<?, ?> modelRegistry() {
        try {
            Path folder = folder();
            ModelRegistry<Object, Object> registry = ModelRegistry.open(this::predictor);
            boolean success = false;
            try {
                beans.getBeanProvider(ModelRegistry.Listener.class)
                        .orderedStream()
                        .forEach(registry::addListener);
                registry.follow(folder, properties.getInterval());
                success = true;
                return registry;
            } finally {
                if (!success) {
                    registry.close();
                }
            }
        } catch (IOException | RuntimeException e) {
            throw ModelOpeningException.of(CressetProperties.REGISTRY, e);
        }
    }

    private Path folder() throws IOException {
        String property = CressetProperties.REGISTRY + ".path";
        String path = properties.getPath();
        if (path == null) {
            throw new ModelOpeningException(
                    Kind.LOCATION, property, "it is not set now, and was when the application was built");
        }
        return new ModelLocation(property, path, resources).folder();
    }

    @SuppressWarnings("unchecked") // the bean's type is that of the handler, which its definition says
    private Predictor<Object, Object> predictor(ModelArchive archive) throws IOException {
        return (Predictor<Object, Object>)
                opener.open(archive.manifest().model().modelName(), archive);
    }
}
