package dev.cresset.spring.boot;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/** The models of an application, by name, and the folder that it follows. Written while properties are bound. */
@ConfigurationProperties(CressetProperties.PREFIX)
public class CressetProperties {

    static final String PREFIX = "cresset";
    static final String MODELS = PREFIX + ".models";
    static final String REGISTRY = PREFIX + ".registry";

    /** Models by name: each is a Predictor bean of that name. */
    private Map<String, Model> models = new LinkedHashMap<>();

    @NestedConfigurationProperty
    private final Registry registry = new Registry();

    public Map<String, Model> getModels() {
        return models;
    }

    public void setModels(Map<String, Model> models) {
        this.models = models;
    }

    public Registry getRegistry() {
        return registry;
    }

    /** One model. It is the value of a map, of which metadata know the class alone; so it has metadata of its own. */
    @ConfigurationPropertiesSource
    public static class Model extends PredictorProperties {

        /** Where the model is: a path, or a resource by "file:" or "classpath:". */
        private @Nullable String path;

        /** When the model is opened. */
        private BootstrapMode bootstrapMode = BootstrapMode.DEFAULT;

        public @Nullable String getPath() {
            return path;
        }

        public void setPath(@Nullable String path) {
            this.path = path;
        }

        public BootstrapMode getBootstrapMode() {
            return bootstrapMode;
        }

        public void setBootstrapMode(BootstrapMode bootstrapMode) {
            this.bootstrapMode = bootstrapMode;
        }
    }

    /** A folder of archives that is followed. */
    public static class Registry extends PredictorProperties {

        /** Folder of archives to follow: a path, or "file:". There is a ModelRegistry bean if it is set. */
        private @Nullable String path;

        /** How often the folder is looked at. */
        private Duration interval = Duration.ofSeconds(2);

        public @Nullable String getPath() {
            return path;
        }

        public void setPath(@Nullable String path) {
            this.path = path;
        }

        public Duration getInterval() {
            return interval;
        }

        public void setInterval(Duration interval) {
            this.interval = interval;
        }
    }
}
