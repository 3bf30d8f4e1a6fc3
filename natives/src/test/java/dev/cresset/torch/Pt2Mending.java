package dev.cresset.torch;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a changed program one again that the reader does not refuse for its names: what is used was defined before, nothing is defined
 * twice, and the signature says what the graph has. What is wrong with it then is for those to find who come after the reader. Used by one
 * thread.
 */
final class Pt2Mending {

    private final Random random;
    private final Set<String> defined = new LinkedHashSet<>();

    private Pt2Mending(Random random) {
        this.random = random;
    }

    static void mend(Map<String, Object> module, Random random) {
        Map<String, Object> graph = map(module.get("graph"));
        mendGraph(graph, random);
        if (module.get("signature") instanceof Map<?, ?> signature
                && signature.get("output_specs") instanceof List<?> specs
                && graph.get("outputs") instanceof List<?> outputs
                && outputs.size() == specs.size()) {
            for (int i = 0; i < specs.size(); i++) {
                Object output = outputs.get(i);
                map(specs.get(i)).values().forEach(spec -> map(spec).replace("arg", output));
            }
        }
    }

    private static void mendGraph(Map<String, Object> graph, Random random) {
        Pt2Mending mending = new Pt2Mending(random);
        Map<String, Object> tensors = map(graph.get("tensor_values"));
        mending.define(graph.get("inputs"), tensors);
        for (Object node : list(graph.get("nodes"))) {
            mending.use(map(node).get("inputs"));
            mending.define(map(node).get("outputs"), tensors);
        }
        mending.use(graph.get("outputs"));
    }

    private void define(@Nullable Object value, Map<String, Object> tensors) {
        if (isName(value)) {
            String name = String.valueOf(map(value).get("name"));
            while (!defined.add(name)) {
                Object meta = tensors.getOrDefault(name, Map.of());
                name += "_again";
                tensors.putIfAbsent(name, meta);
                map(value).put("name", name);
            }
        } else {
            parts(value).forEach(part -> define(part, tensors));
        }
    }

    private void use(@Nullable Object value) {
        if (isGraph(value)) {
            mendGraph(map(map(value).get("graph")), random);
        } else if (isName(value)) {
            if (!defined.contains(map(value).get("name")) && !defined.isEmpty()) {
                map(value).put("name", new ArrayList<>(defined).get(random.nextInt(defined.size())));
            }
        } else {
            parts(value).forEach(this::use);
        }
    }

    private static boolean isName(@Nullable Object value) {
        return value instanceof Map<?, ?> map && map.size() == 1 && map.get("name") instanceof String;
    }

    private static boolean isGraph(@Nullable Object value) {
        return value instanceof Map<?, ?> map && map.get("graph") instanceof Map<?, ?>;
    }

    private static List<Object> parts(@Nullable Object value) {
        return value instanceof Map<?, ?> ? new ArrayList<>(map(value).values()) : list(value);
    }

    @SuppressWarnings("unchecked") // JSON's objects have texts for keys
    private static Map<String, Object> map(@Nullable Object value) {
        return value instanceof Map<?, ?> ? (Map<String, Object>) value : Map.of();
    }

    @SuppressWarnings("unchecked") // and its arrays have anything
    private static List<Object> list(@Nullable Object value) {
        return value instanceof List<?> ? (List<Object>) value : List.of();
    }
}
