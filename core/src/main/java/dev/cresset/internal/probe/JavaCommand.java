package dev.cresset.internal.probe;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The command that starts a JVM with the classes of this one: from its module path, its class path, or the jars of the class
 * loaders that a server or a framework has put between.
 */
public final class JavaCommand {

    private static final String ARGUMENTS = "arguments";

    private final Class<?> main;
    private final List<String> options;

    /** With the main class to run, and options for the JVM. */
    public JavaCommand(Class<?> main, List<String> options) {
        this.main = main;
        this.options = List.copyOf(options);
    }

    /**
     * The command, with the classes of this JVM. All but its first word is in a file in the folder: class paths may be longer than
     * command lines.
     *
     * @throws IOException if they are where no other JVM finds them
     */
    public List<String> in(Path folder) throws IOException {
        ModuleLayer layer = main.getModule().getLayer();
        return layer == null ? in(folder, classPath()) : written(folder, modules(layer));
    }

    /** The command, with this class path instead. */
    public List<String> in(Path folder, List<Path> classPath) throws IOException {
        String joined = classPath.stream()
                .map(entry -> entry.toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
        return written(folder, List.of("-cp", joined, main.getName()));
    }

    private List<String> written(Path folder, List<String> arguments) throws IOException {
        Path java = java();
        Path file = folder.resolve(ARGUMENTS);
        List<String> lines = Stream.concat(options.stream(), arguments.stream())
                .map(JavaCommand::quoted)
                .toList();
        // As the launcher reads it, which takes bytes for what a shell would have given it.
        Files.write(file, lines, Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")));
        return List.of(java.toString(), "@" + file);
    }

    private static String quoted(String argument) {
        return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static Path java() throws IOException {
        String home = System.getProperty("java.home");
        if (home == null) {
            throw new IOException("there is no JVM to start: this program has none of its own (no java.home)");
        }
        Path java = Path.of(home, "bin", File.separatorChar == '\\' ? "java.exe" : "java");
        if (!Files.isExecutable(java)) {
            throw new IOException("there is no JVM to start: this one runs from " + home + ", which has no bin/java");
        }
        return java;
    }

    /** All modules that are in files: those of the platform are in the JVM that is started. */
    private List<String> modules(ModuleLayer layer) {
        List<String> names = new ArrayList<>();
        Set<String> places = new LinkedHashSet<>();
        for (ResolvedModule module : layer.configuration().modules()) {
            Optional<Path> place = place(module.reference());
            if (place.isPresent()) {
                names.add(module.name());
                places.add(place.get().toString());
            }
        }
        List<String> arguments = new ArrayList<>(
                List.of("-p", String.join(File.pathSeparator, places), "--add-modules", String.join(",", names)));
        if (!System.getProperty("java.class.path", "").isEmpty()) {
            arguments.addAll(List.of("-cp", joinedSystemPath()));
        }
        arguments.addAll(List.of("-m", main.getModule().getName() + "/" + main.getName()));
        return arguments;
    }

    private static Optional<Path> place(ModuleReference module) {
        return module.location()
                .filter(location -> "file".equals(location.getScheme()))
                .map(Path::of);
    }

    private static String joinedSystemPath() {
        return systemPath().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    /** The class path that this JVM was started with; absolute, for the other one runs in another folder. */
    private static List<Path> systemPath() {
        return Arrays.stream(System.getProperty("java.class.path", "").split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toAbsolutePath())
                .toList();
    }

    private List<Path> classPath() throws IOException {
        List<Path> entries = new ArrayList<>();
        @Nullable ClassLoader loader = main.getClassLoader();
        for (; loader != null && loader != ClassLoader.getSystemClassLoader(); loader = loader.getParent()) {
            if (loader instanceof URLClassLoader known) {
                for (URL entry : known.getURLs()) {
                    entries.add(file(entry));
                }
            }
        }
        entries.addAll(systemPath());
        URL own = main.getProtectionDomain().getCodeSource().getLocation();
        Path place = real(file(own));
        if (entries.stream().noneMatch(entry -> real(entry).equals(place))) {
            throw elsewhere(own.toString());
        }
        return entries;
    }

    /** Without symbolic links: class loaders follow them, the class path names them. */
    private static Path real(Path entry) {
        try {
            return entry.toRealPath();
        } catch (IOException e) {
            return entry.normalize();
        }
    }

    private static Path file(URL entry) throws IOException {
        try {
            URI place = entry.toURI();
            if ("file".equals(place.getScheme())) {
                return Path.of(place).toAbsolutePath();
            }
        } catch (URISyntaxException | IllegalArgumentException e) {
            // Said below.
        }
        throw elsewhere(entry.toString());
    }

    private static IOException elsewhere(String place) {
        return new IOException("another JVM cannot be given the classes of this one: they are in " + place
                + ", which is no jar or folder of its class path; name jars with ModelProbe.Builder.classPath");
    }
}
