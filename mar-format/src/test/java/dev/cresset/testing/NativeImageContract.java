package dev.cresset.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.testing.ReachabilityMetadata.Entry;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What a module tells GraalVM's {@code native-image} is what its sources reach: no less, or an image fails where a JVM does not, and no
 * more. The classes and members that it names are there.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class NativeImageContract {
    private static final Path RESOURCES = Path.of("src", "main", "resources");
    private static final Path SERVICES = RESOURCES.resolve(Path.of("META-INF", "services"));

    private final Path file;
    private final Set<String> open;

    @SuppressWarnings("NullAway.Init")
    private ReachabilityMetadata metadata;

    @SuppressWarnings("NullAway.Init")
    private ReflectiveUses uses;

    /**
     * Of one module.
     *
     * @param artifact its name in Maven
     * @param open the methods, as {@code Class.method}, that reach what a variable names: somebody has looked at what that is
     */
    protected NativeImageContract(String artifact, String... open) {
        this.file = RESOURCES.resolve(
                Path.of("META-INF", "native-image", "dev.cresset", artifact, "reachability-metadata.json"));
        this.open = Set.of(open);
    }

    /** Files of other jars, which are taken into an image as well. */
    protected Set<String> resourcesOfOthers() {
        return Set.of();
    }

    @BeforeAll
    void read() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            metadata = ReachabilityMetadata.of(in);
        }
        uses = ReflectiveUses.of(Path.of("src", "main", "java"));
    }

    @Test
    void nativeMethods_canBeBound() {
        for (Map.Entry<String, SortedSet<String>> bound : uses.natives.entrySet()) {
            assertThat(metadata.entries)
                    .as("jniAccessible, with these native methods: " + bound)
                    .anyMatch(entry -> entry.type().equals(bound.getKey())
                            && entry.says("jniAccessible")
                            && simple(entry.methods()).equals(bound.getValue()));
        }
    }

    @Test
    void services_canBeMade() throws IOException {
        for (String provider : providers()) {
            assertThat(metadata.entries)
                    .as("the constructor of " + provider)
                    .anyMatch(entry ->
                            entry.type().equals(provider) && entry.methods().contains("<init>[]"));
        }
    }

    @Test
    void eventsAndBeans_canBeRead() {
        for (String event : uses.events) {
            assertThat(metadata.entries)
                    .as("all fields of " + event)
                    .anyMatch(entry -> entry.type().equals(event) && entry.says("allDeclaredFields"));
        }
        for (String bean : uses.beans) {
            assertThat(metadata.entries)
                    .as("all methods of " + bean)
                    .anyMatch(entry -> entry.type().equals(bean) && entry.says("allPublicMethods"));
        }
    }

    @Test
    void whatIsNamedInTheSources_canBeFound() {
        assertThat(metadata.entries.stream().map(Entry::type)).containsAll(uses.types);
        for (String member : uses.members) {
            assertThat(metadata.entries).as(member).anyMatch(entry -> entry.hasMember(member));
        }
    }

    @Test
    void whatVariablesName_hasBeenLookedAt() {
        assertThat(uses.open).isEqualTo(new TreeSet<>(open));
    }

    @Test
    void resources_areTaken() throws IOException {
        Set<String> own = ownResources();
        assertThat(own).containsAll(uses.resources).allMatch(metadata::takes);
        assertThat(resourcesOfOthers()).allMatch(metadata::takes);
        Set<String> all = new TreeSet<>(own);
        all.addAll(resourcesOfOthers());
        for (String glob : metadata.globs) {
            assertThat(all).as(glob).anyMatch(resource -> ReachabilityMetadata.matches(glob, resource));
        }
    }

    @Test
    void types_areThere_andAreReached() throws IOException {
        Set<String> reached = new TreeSet<>(uses.types);
        reached.addAll(uses.natives.keySet());
        reached.addAll(uses.events);
        reached.addAll(uses.beans);
        reached.addAll(providers());
        for (Entry entry : metadata.entries) {
            Optional<Class<?>> type = load(entry.type());
            boolean byMembers = !uses.members.isEmpty() && entry.json().has("condition") && namesMembers(entry);
            assertThat(reached.contains(entry.type()) || byMembers)
                    .as(entry.type() + " is reached by something")
                    .isTrue();
            if (type.isPresent()) {
                assertThat(entry.fields()).allMatch(name -> hasField(type.get(), name));
                assertThat(entry.methods()).allMatch(signature -> hasMethod(type.get(), signature));
            }
        }
        assertThat(metadata.conditions).allMatch(condition -> load(condition).isPresent());
    }

    private boolean namesMembers(Entry entry) {
        return uses.members.stream().anyMatch(entry::hasMember);
    }

    private static Set<String> providers() throws IOException {
        Set<String> providers = new TreeSet<>();
        if (Files.isDirectory(SERVICES)) {
            try (Stream<Path> files = Files.list(SERVICES)) {
                for (Path service : files.toList()) {
                    providers.addAll(Files.readAllLines(service));
                }
            }
        }
        return providers;
    }

    /** But for those that the builder takes by itself: services, and what tells it of the others. */
    private static Set<String> ownResources() throws IOException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.walk(RESOURCES)) {
            files.filter(Files::isRegularFile)
                    .map(path -> RESOURCES.relativize(path).toString().replace('\\', '/'))
                    .filter(name -> !name.startsWith("META-INF/"))
                    .forEach(names::add);
        }
        return names;
    }

    /** Empty where this JDK does not have the class, which is then one of the JDK's. */
    private static Optional<Class<?>> load(String name) {
        try {
            return Optional.of(
                    Class.forName(name, /* initialize= */ false, NativeImageContract.class.getClassLoader()));
        } catch (ClassNotFoundException e) {
            assertThat(name).startsWith("java.");
            return Optional.empty();
        }
    }

    private static boolean hasField(Class<?> type, String name) {
        return Arrays.stream(type.getDeclaredFields()).map(Field::getName).anyMatch(name::equals)
                // The JDK hides what reflection may not have, and says so nowhere.
                || type.getName().startsWith("java.");
    }

    private static boolean hasMethod(Class<?> type, String signature) {
        return signature.startsWith("<init>")
                ? Arrays.stream(type.getDeclaredConstructors()).anyMatch(one -> one.getParameterCount() == 0)
                : Arrays.stream(type.getDeclaredMethods())
                                .map(NativeImageContract::signature)
                                .anyMatch(signature::equals)
                        // Only later JDKs have it.
                        || type == Thread.class;
    }

    private static String signature(Method method) {
        List<String> parameters = Arrays.stream(method.getParameterTypes())
                .map(Class::getTypeName)
                .toList();
        return method.getName() + parameters;
    }

    /** With the types' simple names, as sources have them. */
    private static Set<String> simple(Set<String> signatures) {
        Set<String> names = new TreeSet<>();
        for (String signature : signatures) {
            names.add(signature.replaceAll("[a-z]+\\.", ""));
        }
        return names;
    }
}
