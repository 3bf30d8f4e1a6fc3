package dev.cresset.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a jar tells GraalVM's {@code native-image}, as version 1.2.0 of its schema has it, which is that of GraalVM for JDK 25: other
 * words than the schema's are refused.
 */
final class ReachabilityMetadata {

    private static final Map<String, Set<String>> WORDS = Map.of(
            "",
            Set.of("reflection", "resources"),
            "reflection",
            Set.of("condition", "type", "fields", "methods", "allDeclaredFields", "allPublicMethods", "jniAccessible"),
            "resources",
            Set.of("condition", "glob"),
            "condition",
            Set.of("typeReached"),
            "fields",
            Set.of("name"),
            "methods",
            Set.of("name", "parameterTypes"));

    /** What is said of one type; a type may have several, of different conditions. */
    record Entry(String type, String condition, Set<String> fields, Set<String> methods, JsonNode json) {

        boolean says(String word) {
            return json.path(word).asBoolean(false);
        }

        boolean hasMember(String name) {
            return fields.contains(name) || methods.stream().anyMatch(method -> method.startsWith(name + "["));
        }
    }

    final List<Entry> entries = new ArrayList<>();
    final List<String> globs = new ArrayList<>();
    final List<String> conditions = new ArrayList<>();

    private ReachabilityMetadata(JsonNode root) {
        requireWords("", root);
        for (JsonNode entry : root.path("reflection")) {
            entries.add(entry(entry));
        }
        for (JsonNode entry : root.path("resources")) {
            globs.add(entry.required("glob").asString());
        }
        for (JsonNode condition : root.findValues("typeReached")) {
            conditions.add(condition.asString());
        }
    }

    static ReachabilityMetadata of(InputStream file) throws IOException {
        return new ReachabilityMetadata(JsonMapper.shared().readTree(file.readAllBytes()));
    }

    private static Entry entry(JsonNode entry) {
        Set<String> fields = new TreeSet<>();
        Set<String> methods = new TreeSet<>();
        entry.path("fields").forEach(field -> fields.add(field.required("name").asString()));
        entry.path("methods").forEach(method -> methods.add(signature(method)));
        return new Entry(
                entry.required("type").asString(),
                entry.path("condition").path("typeReached").asString(""),
                fields,
                methods,
                entry);
    }

    private static String signature(JsonNode method) {
        List<String> parameters = new ArrayList<>();
        method.path("parameterTypes").forEach(type -> parameters.add(type.asString()));
        return method.required("name").asString() + parameters;
    }

    private static void requireWords(String of, JsonNode node) {
        if (node.isArray()) {
            node.forEach(each -> requireWords(of, each));
        } else if (node.isObject()) {
            for (Map.Entry<String, JsonNode> property : node.properties()) {
                String name = property.getKey();
                if (!WORDS.getOrDefault(of, Set.of()).contains(name)) {
                    throw new IllegalArgumentException("the schema has no '" + name + "' in '" + of + "'");
                }
                requireWords(name, property.getValue());
            }
        }
    }

    /** Whether a resource, by its path, is taken into the image. */
    boolean takes(String resource) {
        return globs.stream().anyMatch(glob -> matches(glob, resource));
    }

    static boolean matches(String glob, String resource) {
        return FileSystems.getDefault().getPathMatcher("glob:" + glob).matches(Path.of(resource));
    }
}
