package dev.cresset.spring.boot;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an IDE knows of the properties. */
class ConfigurationMetadataTest {

    private static Map<String, JsonNode> described() throws IOException {
        return described("/META-INF/spring-configuration-metadata.json");
    }

    private static Map<String, JsonNode> described(String file) throws IOException {
        try (InputStream in = CressetProperties.class.getResourceAsStream(file)) {
            assertThat(in).as(file).isNotNull();
            Map<String, JsonNode> found = new TreeMap<>();
            for (JsonNode property : new JsonMapper().readTree(in).get("properties")) {
                found.put(property.get("name").asString(), property);
            }
            return found;
        }
    }

    @Test
    void everyProperty_isDescribedWithItsType() throws IOException {
        Map<String, Class<?>> expected = Properties.of("cresset.registry", CressetProperties.Registry.class);
        assertThat(expected).containsKeys("cresset.registry.path", "cresset.registry.batching.max-size");

        requireDescribed(expected, described());
    }

    /** In a file of the class, for a map's values have no names that are known beforehand. */
    @Test
    void everyPropertyOfAModel_isDescribedWithItsType() throws IOException {
        Map<String, Class<?>> expected = new TreeMap<>();
        Properties.of("", CressetProperties.Model.class).forEach((name, type) -> expected.put(name.substring(1), type));
        assertThat(expected).containsKeys("path", "bootstrap-mode", "first-call-tuning", "queue.when-full");

        requireDescribed(
                expected,
                described("/META-INF/spring/configuration-metadata/" + CressetProperties.Model.class.getName()
                        + ".json"));
    }

    private static void requireDescribed(Map<String, Class<?>> expected, Map<String, JsonNode> described) {
        expected.forEach((name, type) -> {
            JsonNode property = requireNonNull(described.get(name), name);
            assertThat(property.path("description").asString("")).as(name).endsWith(".");
            assertThat(property.get("type").asString()).as(name).isNotEmpty();
        });
    }

    /** An IDE finds what a map's values have by their class, and the class says it all in setters. */
    @Test
    void models_areAMapOfWhatAModelHas() throws IOException {
        JsonNode models = requireNonNull(described().get("cresset.models"));

        assertThat(models.get("type").asString())
                .isEqualTo("java.util.Map<java.lang.String,dev.cresset.spring.boot.CressetProperties$Model>");
        assertThat(Properties.of("", CressetProperties.Model.class))
                .containsKeys(".path", ".bootstrap-mode", ".queue.when-full");
    }

    @Test
    void nothingElse_isDescribed() throws IOException {
        assertThat(described().keySet())
                .allMatch(name -> name.equals("cresset.models")
                        || name.startsWith("cresset.registry.")
                        || name.equals("management.endpoint.cresset.access")
                        || name.equals("management.endpoint.cresset.cache.time-to-live"));
    }
}
