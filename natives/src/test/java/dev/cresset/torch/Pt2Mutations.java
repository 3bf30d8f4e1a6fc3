package dev.cresset.torch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Changes a program as no writer would: its nodes, their targets and arguments, what is said of its values, and its text. Most of what
 * comes out is a program still, as far as its schema says. Used by one thread.
 */
final class Pt2Mutations {

    private static final JsonMapper JSON = new JsonMapper();

    /** Small ones, and such as no memory has room for: what lies between would be paid in the machine's memory. */
    private static final List<Long> NUMBERS =
            List.of(-7L, -2L, -1L, 0L, 1L, 2L, 3L, 5L, 13L, 64L, 1L << 50, Long.MAX_VALUE, Long.MIN_VALUE);

    private static final List<String> TEXTS = List.of(
            "null", "[]", "{}", "true", "\"\"", "-1", "1e400", "\"NaN\"", "{\"as_none\":true}", "[".repeat(300));

    private static final List<String> TARGETS = List.of(
            "torch.ops.aten.full.default",
            "torch.ops.aten.view.default",
            "torch.ops.aten.item.default",
            "torch.ops.aten.split.Tensor",
            "torch.ops.aten._assert_scalar.default",
            "torch.ops.aten.sym_size.int",
            "torch.ops.aten.convolution.default",
            "torch.ops.aten.native_layer_norm.default",
            "torch.ops.quantized_decomposed.dequantize_per_channel.default",
            "torch.ops.higher_order.cond",
            "torch.ops.higher_order.while_loop",
            "torch.ops.higher_order.scan",
            "torch.ops.higher_order.map_impl",
            "torch.ops.higher_order.wrap_with_autocast",
            "torch.ops.higher_order.with_effects",
            "_operator.floordiv",
            "torch.sym_ite",
            "");

    private final Random random;
    private Object program = Map.of();

    Pt2Mutations(long seed) {
        random = new Random(seed);
    }

    /** Returns another program, which need not be JSON. */
    String changed(String json) {
        program = JSON.readValue(json, Object.class);
        for (int i = random.nextInt(3); i >= 0; i--) {
            change();
        }
        // Of names that are not there the reader says something soon: most programs are to get further than that.
        program = copy(program);
        if (random.nextInt(6) > 0) {
            Pt2Mending.mend(map(map(program).get("graph_module")), random);
        }
        String text = JSON.writeValueAsString(program);
        return random.nextInt(12) == 0 ? misspelt(text) : text;
    }

    private void change() {
        List<Map<String, Object>> graphs = graphs();
        Map<String, Object> graph = graphs.get(random.nextInt(graphs.size()));
        List<Object> nodes = list(graph.get("nodes"));
        if (nodes.isEmpty() || random.nextInt(4) == 0) {
            changeAnything();
            return;
        }
        int at = random.nextInt(nodes.size());
        Map<String, Object> node = map(nodes.get(at));
        switch (random.nextInt(10)) {
            case 0 -> nodes.remove(at);
            case 1 -> nodes.add(random.nextInt(nodes.size() + 1), renamed(node));
            case 2 -> Collections.swap(nodes, at, random.nextInt(nodes.size()));
            case 3 -> node.put("target", target(nodes));
            case 4 -> node.put("outputs", random.nextBoolean() ? new ArrayList<>() : outputsOf(nodes));
            case 5 -> changeList(list(node.get("inputs")));
            case 6, 7 -> changeArgument(list(node.get("inputs")), graph);
            case 8 -> changeList(list(graph.get(random.nextBoolean() ? "outputs" : "inputs")));
            default -> changeMeta(map(graph.get("tensor_values")));
        }
    }

    /** The same call once more, which makes values of its own. */
    private Object renamed(Map<String, Object> node) {
        String text = JSON.writeValueAsString(node.get("outputs"));
        Map<String, Object> again = map(JSON.readValue(JSON.writeValueAsString(node), Object.class));
        again.put("outputs", JSON.readValue(text.replace("\"name\":\"", "\"name\":\"another_"), Object.class));
        for (Map<String, Object> graph : graphs()) {
            Map<String, Object> known = map(graph.get("tensor_values"));
            Map<String, Object> more = new LinkedHashMap<>();
            known.forEach((name, meta) -> more.put("another_" + name, meta));
            more.forEach(known::putIfAbsent);
        }
        return again;
    }

    private Object target(List<Object> nodes) {
        return random.nextBoolean()
                ? TARGETS.get(random.nextInt(TARGETS.size()))
                : String.valueOf(map(nodes.get(random.nextInt(nodes.size()))).get("target"));
    }

    private Object outputsOf(List<Object> nodes) {
        List<Object> outputs =
                list(copy(map(nodes.get(random.nextInt(nodes.size()))).get("outputs")));
        changeList(outputs);
        return outputs;
    }

    private void changeArgument(List<Object> inputs, Map<String, Object> graph) {
        if (inputs.isEmpty()) {
            return;
        }
        Map<String, Object> input = map(inputs.get(random.nextInt(inputs.size())));
        if (random.nextInt(5) == 0) {
            input.put(
                    "name",
                    List.of("self", "input", "dim", "", "size", "axis", "x").get(random.nextInt(7)));
        } else {
            input.put("arg", argument(graph));
        }
    }

    private Object argument(Map<String, Object> graph) {
        List<String> names = new ArrayList<>(map(graph.get("tensor_values")).keySet());
        Map<String, String> tensor = Map.of("name", names.isEmpty() ? "x" : names.get(random.nextInt(names.size())));
        List<Object> inner = new ArrayList<>(graphs());
        long number = number();
        return switch (random.nextInt(14)) {
            case 0 -> Map.of("as_none", true);
            case 1 -> Map.of("as_int", number);
            case 2 -> Map.of("as_ints", List.of(number, number()).subList(0, random.nextInt(3)));
            case 3 -> Map.of("as_float", number / 2.0);
            case 4 -> Map.of("as_bool", random.nextBoolean());
            case 5 -> Map.of("as_string", "text");
            case 6 -> Map.of("as_tensors", List.of(tensor, tensor).subList(0, random.nextInt(3)));
            case 7 -> Map.of("as_sym_int", Map.of("as_int", number));
            case 8 -> Map.of("as_scalar_type", random.nextInt(30));
            case 9 -> Map.of("as_optional_tensors", List.of(Map.of("as_none", true), Map.of("as_tensor", tensor)));
            case 10 -> Map.of("as_graph", Map.of("name", "g", "graph", copy(inner.get(random.nextInt(inner.size())))));
            default -> Map.of("as_tensor", tensor);
        };
    }

    private void changeMeta(Map<String, Object> tensors) {
        if (tensors.isEmpty()) {
            return;
        }
        List<String> names = new ArrayList<>(tensors.keySet());
        Map<String, Object> meta = map(tensors.get(names.get(random.nextInt(names.size()))));
        switch (random.nextInt(4)) {
            case 0 -> meta.put("dtype", random.nextInt(30));
            case 1 -> meta.put("sizes", new ArrayList<>());
            case 2 -> changeList(list(meta.get("sizes")));
            default -> meta.put("sizes", copy(map(tensors.get(names.get(0))).get("sizes")));
        }
    }

    /** Some value somewhere becomes another of its kind; some list loses or gets an element. */
    private void changeAnything() {
        List<Object> places = new ArrayList<>();
        Set<String> texts = new TreeSet<>();
        collect(program, places, texts, 0);
        Object place = places.get(random.nextInt(places.size()));
        if (place instanceof List<?> && random.nextBoolean()) {
            changeList(list(place));
        } else if (place instanceof List<?> && !list(place).isEmpty()) {
            List<Object> elements = list(place);
            elements.replaceAll(element -> random.nextInt(elements.size()) == 0 ? other(element, texts) : element);
        } else if (place instanceof Map<?, ?> && !map(place).isEmpty()) {
            List<String> keys = new ArrayList<>(map(place).keySet());
            String key = keys.get(random.nextInt(keys.size()));
            map(place).put(key, other(map(place).get(key), texts));
        }
    }

    private Object other(@Nullable Object value, Set<String> texts) {
        if (value instanceof Boolean flag) {
            return !flag;
        } else if (value instanceof Number) {
            return number();
        } else if (value instanceof String) {
            return new ArrayList<>(texts).get(random.nextInt(texts.size()));
        } else if (value instanceof List<?>) {
            List<Object> changed = list(copy(value));
            changeList(changed);
            return changed;
        }
        return value == null ? "" : value;
    }

    private void changeList(List<Object> elements) {
        if (elements.isEmpty()) {
            return;
        }
        int at = random.nextInt(elements.size());
        switch (random.nextInt(4)) {
            case 0 -> elements.remove(at);
            case 1 -> elements.add(copy(elements.get(at)));
            case 2 -> elements.clear();
            default -> Collections.swap(elements, at, random.nextInt(elements.size()));
        }
    }

    private long number() {
        return NUMBERS.get(random.nextInt(NUMBERS.size()));
    }

    private List<Map<String, Object>> graphs() {
        List<Object> places = new ArrayList<>();
        collect(program, places, new TreeSet<>(), 0);
        return places.stream()
                .filter(place -> place instanceof Map<?, ?> && map(place).get("nodes") instanceof List<?>)
                .map(Pt2Mutations::map)
                .toList();
    }

    private static void collect(Object value, List<Object> places, Set<String> texts, int depth) {
        if (value instanceof Map<?, ?>) {
            places.add(value);
            map(value).values().forEach(part -> collect(part, places, texts, depth + 1));
        } else if (value instanceof List<?>) {
            places.add(value);
            list(value).forEach(part -> collect(part, places, texts, depth + 1));
        } else if (value instanceof String text && depth > 2) {
            texts.add(text);
        }
    }

    private String misspelt(String text) {
        StringBuilder changed = new StringBuilder(text);
        int at = random.nextInt(changed.length());
        int colon = changed.indexOf(":", at);
        if (colon > 0 && random.nextBoolean()) {
            int end = colon + 1;
            while (end < changed.length() && ",}]{[".indexOf(changed.charAt(end)) < 0) {
                end++;
            }
            return changed.replace(colon + 1, end, TEXTS.get(random.nextInt(TEXTS.size())))
                    .toString();
        }
        return changed.delete(at, Math.min(changed.length(), at + 1 + random.nextInt(30)))
                .toString();
    }

    private static Object copy(@Nullable Object value) {
        return JSON.readValue(JSON.writeValueAsString(value), Object.class);
    }

    @SuppressWarnings("unchecked") // JSON's objects have texts for keys
    private static Map<String, Object> map(@Nullable Object value) {
        return value instanceof Map<?, ?> ? (Map<String, Object>) value : new LinkedHashMap<>();
    }

    @SuppressWarnings("unchecked") // and its arrays have anything
    private static List<Object> list(@Nullable Object value) {
        return value instanceof List<?> ? (List<Object>) value : new ArrayList<>();
    }
}
