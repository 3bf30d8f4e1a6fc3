package dev.cresset.testing;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What users may name, as text: each public or protected type with what it extends and permits, and below it its public
 * and protected members. Types are written without their packages, but where they are declared.
 */
final class PublicApi {

    private static final Set<String> EVERYWHERE = Set.of("equals", "hashCode", "toString");
    private static final Set<String> OF_ENUMS = Set.of("values", "valueOf");

    private PublicApi() {}

    /** The lines for these packages, whose class files lie below the folder; packages and types in order of name. */
    static List<String> lines(Path classes, String... packages) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String name : Arrays.stream(packages).sorted().toList()) {
            for (Class<?> type : types(classes.resolve(name.replace('.', '/')), name)) {
                if (!lines.isEmpty()) {
                    lines.add("");
                }
                lines.add(header(type));
                members(type).map(member -> "    " + member).sorted().forEach(lines::add);
            }
        }
        return lines;
    }

    private static List<Class<?>> types(Path folder, String packageName) throws IOException {
        List<Class<?>> types = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".class") && !name.equals("package-info.class")) {
                    types.add(load(packageName + "." + name.substring(0, name.length() - ".class".length())));
                }
            }
        }
        types.removeIf(type -> !isVisible(type));
        types.sort(Comparator.comparing(Class::getName));
        return types;
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, /* initialize= */ false, PublicApi.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(name + " has a class file, but is not on the class path", e);
        }
    }

    private static boolean isVisible(Class<?> type) {
        if (type.isAnonymousClass() || type.isLocalClass() || !isVisible(type.getModifiers())) {
            return false;
        }
        Class<?> outer = type.getDeclaringClass();
        return outer == null || isVisible(outer);
    }

    private static boolean isVisible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static String header(Class<?> type) {
        StringBuilder text = new StringBuilder(modifiers(type))
                .append(kind(type))
                .append(type.getTypeName())
                .append(parameters(type));
        if (type.isRecord()) {
            text.append(Arrays.stream(type.getRecordComponents())
                    .map(PublicApi::component)
                    .collect(joining(", ", "(", ")")));
        }
        Type parent = type.getGenericSuperclass();
        if (parent != null && parent != Object.class && !type.isRecord() && !type.isEnum()) {
            text.append(" extends ").append(parent.getTypeName());
        }
        append(text, type.isInterface() ? " extends " : " implements ", type.getGenericInterfaces());
        if (type.isSealed()) {
            // In an order of our own, for compilers have theirs.
            Class<?>[] permitted = type.getPermittedSubclasses();
            Arrays.sort(permitted, Comparator.comparing(Class::getName));
            append(text, " permits ", permitted);
        }
        return type.getPackageName() + ": " + cleaned(text.toString());
    }

    /** Not {@code toGenericString}, which says "sealed" on some JDKs only. */
    private static String modifiers(Class<?> type) {
        int shown = type.getModifiers() & ~Modifier.INTERFACE & ~(type.isInterface() ? Modifier.ABSTRACT : 0);
        return Modifier.toString(shown) + (type.isSealed() ? " sealed " : " ");
    }

    private static String kind(Class<?> type) {
        if (type.isInterface()) {
            return type.isAnnotation() ? "@interface " : "interface ";
        }
        return type.isRecord() ? "record " : type.isEnum() ? "enum " : "class ";
    }

    private static String parameters(Class<?> type) {
        TypeVariable<?>[] parameters = type.getTypeParameters();
        return parameters.length == 0
                ? ""
                : Arrays.stream(parameters).map(PublicApi::parameter).collect(joining(", ", "<", ">"));
    }

    private static String parameter(TypeVariable<?> parameter) {
        String bounds = Arrays.stream(parameter.getBounds())
                .filter(bound -> bound != Object.class)
                .map(Type::getTypeName)
                .collect(joining(" & "));
        return parameter.getName() + (bounds.isEmpty() ? "" : " extends " + bounds);
    }

    private static String component(RecordComponent component) {
        return component.getGenericType().getTypeName() + " " + component.getName();
    }

    private static void append(StringBuilder text, String keyword, Type[] types) {
        if (types.length > 0) {
            text.append(keyword)
                    .append(Arrays.stream(types).map(Type::getTypeName).collect(joining(", ")));
        }
    }

    private static Stream<String> members(Class<?> type) {
        return Stream.of(
                        Arrays.stream(type.getDeclaredFields())
                                .filter(PublicApi::isVisible)
                                .map(PublicApi::field),
                        Arrays.stream(type.getDeclaredConstructors())
                                .filter(PublicApi::isVisible)
                                .map(PublicApi::constructor),
                        Arrays.stream(type.getDeclaredMethods())
                                .filter(method -> isVisible(method) && !isAlwaysThere(method))
                                .map(PublicApi::method))
                .flatMap(lines -> lines)
                .map(PublicApi::cleaned);
    }

    private static boolean isVisible(Member member) {
        return !member.isSynthetic() && isVisible(member.getModifiers());
    }

    /** What every object, or every enum, has. */
    private static boolean isAlwaysThere(Method method) {
        return EVERYWHERE.contains(method.getName())
                || (method.getDeclaringClass().isEnum() && OF_ENUMS.contains(method.getName()));
    }

    private static String field(Field field) {
        return field.isEnumConstant() ? "constant " + field.getName() : unqualified(field, field.toGenericString());
    }

    private static String constructor(Constructor<?> constructor) {
        return constructor.toGenericString();
    }

    private static String method(Method method) {
        // The first two are no promise to callers, the third is all that an interface has.
        String text = unqualified(method, method.toGenericString())
                .replace(" synchronized ", " ")
                .replace(" native ", " ");
        return method.getDeclaringClass().isInterface() ? text.replace(" abstract ", " ") : text;
    }

    private static String unqualified(Member member, String text) {
        String name = member.getName();
        return text.replace(" " + member.getDeclaringClass().getTypeName() + "." + name, " " + name);
    }

    /** Without the packages of types, and with dots before nested ones. */
    private static String cleaned(String text) {
        return text.replaceAll("\\b(?:[a-z]\\w*\\.)+(?=[A-Z])", "")
                .replace('$', '.')
                .replaceAll(",(?! )", ", ");
    }
}
