package dev.cresset.torch;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Runs a main class in a JVM of its own, for what cannot be undone in this one.
 *
 * @param exitCode what it ended with
 * @param output what it wrote, to either stream
 */
public record ChildJvm(int exitCode, String output) {

    /** Runs with the entries of this JVM's class path that the predicate lets through. */
    public static ChildJvm run(Class<?> main, Predicate<String> classPath, Path folder, String... options)
            throws IOException, InterruptedException {
        return run(Map.of(), main, classPath, folder, options);
    }

    /** The same, with more in its environment. */
    public static ChildJvm run(
            Map<String, String> environment, Class<?> main, Predicate<String> classPath, Path folder, String... options)
            throws IOException, InterruptedException {
        return run(List.of(), environment, main, classPath, folder, options);
    }

    /** The same, held to the permissions of files even where the tests run as root. */
    public static ChildJvm runUnprivileged(Class<?> main, Predicate<String> classPath, Path folder, String... options)
            throws IOException, InterruptedException {
        List<String> unprivileged = System.getProperty("user.name").equals("root")
                ? List.of("setpriv", "--inh-caps=-dac_override", "--bounding-set=-dac_override")
                : List.of();
        return run(unprivileged, Map.of(), main, classPath, folder, options);
    }

    private static ChildJvm run(
            List<String> launcher,
            Map<String, String> environment,
            Class<?> main,
            Predicate<String> classPath,
            Path folder,
            String... options)
            throws IOException, InterruptedException {
        String[] entries = System.getProperty("java.class.path").split(File.pathSeparator, -1);
        String path = String.join(
                File.pathSeparator, Arrays.stream(entries).filter(classPath).toList());
        List<String> command = new ArrayList<>(launcher);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Dcresset.fixtures=" + System.getProperty("cresset.fixtures"));
        // As in this JVM: not looked for beside a test, unless its options ask for it.
        command.add("-Dcresset.firstCallTuning=" + System.getProperty("cresset.firstCallTuning", "NONE"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", path, main.getName()));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new ChildJvm(process.waitFor(), output);
    }

    /** Everything but the fake engine, which would run anywhere. */
    public static boolean withoutFake(String entry) {
        return !entry.contains("cresset-core") || !entry.contains("tests");
    }
}
