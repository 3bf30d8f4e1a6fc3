package dev.cresset.spring.boot;

import java.util.Optional;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/** Says which property has a model that cannot be opened, what is wrong with it, and what to do. */
final class ModelOpeningFailureAnalyzer extends AbstractFailureAnalyzer<ModelOpeningException> {

    private final Environment environment;

    ModelOpeningFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected FailureAnalysis analyze(Throwable root, ModelOpeningException cause) {
        String description = "The property '" + cause.property() + "'" + value(cause.property())
                + " does not lead to a model that can be asked:\n\n    " + cause.getMessage();
        return new FailureAnalysis(description, action(cause), cause);
    }

    private String value(String property) {
        ConfigurationPropertyName name = ConfigurationPropertyName.adapt(property, '.');
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            var found = source.getConfigurationProperty(name);
            if (found != null) {
                String origin = Optional.ofNullable(found.getOrigin())
                        .map(from -> " (from " + from + ")")
                        .orElse("");
                return " = '" + found.getValue() + "'" + origin;
            }
        }
        return "";
    }

    private static String action(ModelOpeningException cause) {
        return switch (cause.kind()) {
            case LOCATION ->
                "Correct '" + cause.property() + "'. A plain path is looked for from the working directory, "
                        + System.getProperty("user.dir") + "; 'classpath:' finds what is in the application's jar.";
            case FILE ->
                "Make the file anew, with torch-model-archiver or 'mar pack', and see that it is copied whole; 'mar inspect'"
                        + " says what is in it. A model alone, without an archive, is named .pt, .pth or .pt2.";
            case HANDLER ->
                "Set '" + cause.property()
                        + "' to the name of a bean of type Handler or HandlerFactory, to a class that is"
                        + " one, to 'floats' (float[] in, float[] out), or to 'tensors'; without it, an archive's own handler is"
                        + " taken, and those for texts come with dev.cresset:cresset-text.";
            case SETTING -> "Correct '" + cause.property() + "'.";
            case DEVICE ->
                "Correct '" + cause.property()
                        + "', or deviceType in the archive's settings, where the property is not set;"
                        + " 'java -cp ... dev.cresset.torch.Doctor' says which devices there are, and why one is missing.";
            case ENGINE ->
                "Add dev.cresset:cresset-natives, which the starter brings, and see that it was built for this machine's"
                        + " platform; 'java -cp ... dev.cresset.torch.Doctor' says what is missing. Where libraries cannot be"
                        + " unpacked, -Dcresset.cache=DIR names a folder that can be written to.";
            case MODEL -> modelAction(String.valueOf(cause.getMessage()));
            case NAME ->
                "Give the model or the bean another name. To put a predictor of your own in the model's place, the bean has to"
                        + " be a dev.cresset.Predictor.";
        };
    }

    private static String modelAction(String message) {
        if (message.contains("trusted(true)")) {
            return """
                    If the model comes from where you trust, say so in code:

                        @Bean
                        ModelOptionsCustomizer trusted() {
                            return (model, options) -> options.trusted(true);
                        }

                    Otherwise do not open it.""";
        }
        return "Open the file by itself, with Model.open, to see whether it is the model or what is said about it; export it"
                + " again, if it is.";
    }
}
