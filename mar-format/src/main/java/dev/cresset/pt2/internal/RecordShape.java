package dev.cresset.pt2.internal;

import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a record of the schema is made of. */
final class RecordShape {
    /** What minor versions of the schema added: older programs lack it, and have nothing, or false, instead. */
    private static final Set<String> ADDED = Set.of(
            "metadata",
            "is_single_tensor_return",
            "custom_obj_values",
            "sym_float_values",
            "treespec_namedtuple_fields",
            "forward_arg_names",
            "verifiers",
            "torch_version",
            "guards_code");

    private static final Pattern CAPITAL = Pattern.compile("(?<!^)([A-Z])");

    private static final Map<Class<?>, RecordShape> SHAPES = new ConcurrentHashMap<>();
    private static final Map<Class<?>, Map<String, Class<?>>> UNIONS = new ConcurrentHashMap<>();

    private final Constructor<?> constructor;
    private final List<String> names;
    private final List<Type> types;
    private final Map<String, Integer> indices = new HashMap<>();

    private RecordShape(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        names = Arrays.stream(components).map(one -> snake(one.getName())).toList();
        types = Arrays.stream(components).map(RecordComponent::getGenericType).toList();
        names.forEach(name -> indices.put(name, indices.size()));
        try {
            constructor = type.getConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
        } catch (NoSuchMethodException e) {
            throw new AssertionError(type + " is not open to all", e);
        }
    }

    static RecordShape of(Class<?> type) {
        return SHAPES.computeIfAbsent(type, RecordShape::new);
    }

    /** Returns the record that a union has under a name; null when it has none. */
    static @Nullable Class<?> member(Class<?> union, String name) {
        return UNIONS.computeIfAbsent(union, RecordShape::members).get(name);
    }

    private static Map<String, Class<?>> members(Class<?> union) {
        Map<String, Class<?>> members = new HashMap<>();
        for (Class<?> one : union.getPermittedSubclasses()) {
            if (one.isRecord()) {
                members.put(snake(one.getSimpleName()), one);
            } else {
                members.putAll(members(one));
            }
        }
        return members;
    }

    private static String snake(String name) {
        return CAPITAL.matcher(name).replaceAll("_$1").toLowerCase(Locale.ROOT);
    }

    int size() {
        return names.size();
    }

    /** Says whether the record is but a name for its one value, which then stands for it in JSON. */
    boolean isWrapper() {
        return names.equals(List.of("value"));
    }

    int index(String name) {
        return indices.getOrDefault(name, -1);
    }

    String name(int index) {
        return names.get(index);
    }

    Type type(int index) {
        return types.get(index);
    }

    /** Returns what a component is when its field is missing; null when it must not be. */
    @Nullable
    Object absent(int index) {
        Type type = types.get(index);
        Type raw = type instanceof ParameterizedType generic ? generic.getRawType() : type;
        if (raw == Optional.class) {
            return Optional.empty();
        }
        if (!ADDED.contains(names.get(index))) {
            return null;
        }
        if (raw == List.class) {
            return List.of();
        }
        return raw == Map.class ? Map.of() : raw == String.class ? "" : (Object) false;
    }

    Object make(Object... values) {
        try {
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(constructor + " failed on what was checked", e);
        }
    }
}
