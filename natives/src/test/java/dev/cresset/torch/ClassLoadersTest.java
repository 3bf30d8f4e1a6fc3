package dev.cresset.torch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.consumer.Application;
import dev.cresset.consumer.OpensAModel;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Applications of one process that each bring Cresset in a class loader of their own, as containers run them. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
public class ClassLoadersTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static boolean realEngines(String entry) {
        return !entry.endsWith(Path.of("core", "target", "test-classes").toString()) && ChildJvm.withoutFake(entry);
    }

    private static boolean tests(String entry) {
        return entry.endsWith(Path.of("natives", "target", "test-classes").toString());
    }

    /** Runs a program that knows Cresset only through class loaders that it makes. */
    private ChildJvm run(Class<?> container, String... options) throws IOException, InterruptedException {
        String[] entries = System.getProperty("java.class.path").split(File.pathSeparator, -1);
        List<String> all = new ArrayList<>(List.of(options));
        all.add("-Dcresset.cache=off");
        all.add("-Dcresset.test.application="
                + String.join(
                        File.pathSeparator,
                        Arrays.stream(entries)
                                .filter(ClassLoadersTest::realEngines)
                                .toList()));
        return ChildJvm.run(container, ClassLoadersTest::tests, folder, all.toArray(String[]::new));
    }

    /** An application's class loader, and what is left of it afterwards. */
    public static URLClassLoader loader() throws MalformedURLException {
        List<URL> path = new ArrayList<>();
        for (String entry : System.getProperty("cresset.test.application").split(File.pathSeparator, -1)) {
            path.add(Path.of(entry).toUri().toURL());
        }
        return new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    /** Deploys an application, as servlet containers do, and takes it away again. */
    static WeakReference<ClassLoader> deployed(Class<?> application) throws IOException, ReflectiveOperationException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = loader()) {
            thread.setContextClassLoader(loader);
            System.out.println("answer " + answer(loader, application));
            return new WeakReference<>(loader);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static Object answer(ClassLoader loader, Class<?> application) throws ReflectiveOperationException {
        Supplier<?> made = (Supplier<?>)
                loader.loadClass(application.getName()).getConstructor().newInstance();
        return made.get();
    }

    static boolean isCollected(WeakReference<ClassLoader> loader) throws InterruptedException {
        for (int i = 0; i < 50 && loader.get() != null; i++) {
            System.gc();
            Thread.sleep(100);
        }
        return loader.get() == null;
    }

    /** One after the other. */
    static final class Redeploys {
        private Redeploys() {}

        public static void main(String[] args) throws Exception {
            for (int i = 0; i < 5; i++) {
                System.out.println("collected " + isCollected(deployed(Application.class)));
            }
        }
    }

    /** Several at once, each from a thread of its own, that stays. */
    static final class Neighbours {
        private Neighbours() {}

        public static void main(String[] args) throws Exception {
            int count = 4;
            ExecutorService threads = Executors.newFixedThreadPool(count, task -> {
                Thread thread = new Thread(task);
                thread.setDaemon(true);
                return thread;
            });
            List<WeakReference<ClassLoader>> left = new ArrayList<>();
            List<Callable<WeakReference<ClassLoader>>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(() -> deployed(Application.class));
            }
            for (Future<WeakReference<ClassLoader>> one : threads.invokeAll(all)) {
                left.add(one.get());
            }
            for (WeakReference<ClassLoader> one : left) {
                System.out.println("collected " + isCollected(one));
            }
        }
    }

    /** The same bridge from another file, as fat jars of other names have it; then one of other sources. */
    static final class OtherFiles {
        private OtherFiles() {}

        public static void main(String[] args) throws Exception {
            deployed(Application.class);
            System.setProperty("cresset.bridge", "same.so");
            deployed(Application.class);
            System.setProperty("cresset.bridge", "other.so");
            try {
                deployed(Application.class);
            } catch (RuntimeException e) {
                System.out.println("refused " + e.getMessage());
            }
        }
    }

    /** The host has a LibTorch of its own. */
    static final class BesideAnother {
        private BesideAnother() {}

        public static void main(String[] args) throws Exception {
            System.load(Path.of("libtorch_cpu.so").toAbsolutePath().toString());
            try (URLClassLoader loader = loader()) {
                loader.loadClass(OpensAModel.class.getName())
                        .getMethod("main", String[].class)
                        .invoke(null, (Object) args);
            }
        }
    }

    private static void assertAllAlike(ChildJvm child, int count) {
        assertThat(child.output().lines().filter(line -> line.startsWith("answer")))
                .as(child.output())
                .hasSize(count)
                .allMatch(line -> line.contains("true"));
        assertThat(child.output()
                        .lines()
                        .filter(line -> line.startsWith("answer"))
                        .distinct())
                .hasSize(1);
        assertThat(child.output().lines().filter(line -> line.equals("collected true")))
                .as(child.output())
                .hasSize(count);
        assertThat(child.output()).doesNotContain("cannot run here").doesNotContain("WARNING in native method");
        assertThat(child.exitCode()).isZero();
    }

    @Test
    void redeployed_eachRunsTheBridge_andIsCollected() throws IOException, InterruptedException {
        assertAllAlike(run(Redeploys.class, "-Xcheck:jni"), 5);
    }

    @Test
    void redeployed_underARecording_isCollected() throws IOException, InterruptedException {
        assertAllAlike(run(Redeploys.class, "-XX:StartFlightRecording:filename=recording.jfr"), 5);
    }

    @Test
    void neighbours_allRunTheBridge_andAreCollected() throws IOException, InterruptedException {
        assertAllAlike(run(Neighbours.class), 4);
    }

    @Test
    void open_besideAnotherBuildOfTheBridge_isRefused() throws IOException, InterruptedException {
        byte[] bridge = resource("dev/cresset/torch/linux-x86_64/libjnicresset.so");
        Files.write(folder.resolve("same.so"), bridge);
        String mark = "cresset bridge, sources ";
        String bytes = new String(bridge, ISO_8859_1);
        String digest = bytes.substring(bytes.indexOf(mark), bytes.indexOf(mark) + mark.length() + 64);
        Files.write(
                folder.resolve("other.so"),
                bytes.replace(digest, mark + "0".repeat(64)).getBytes(ISO_8859_1));

        ChildJvm child = run(OtherFiles.class);

        assertThat(child.output().lines().filter(line -> line.startsWith("answer")))
                .as(child.output())
                .hasSize(2);
        assertThat(child.output())
                .contains("refused ")
                .contains("this process has the bridge of another build of Cresset already, loaded from ")
                .contains("libjnicresset.so, not " + folder.toRealPath().resolve("other.so"));
    }

    /** As DJL's would be, in the same JVM: two of them end it. */
    @Test
    void open_besideAnotherLibTorch_isRefused() throws IOException, InterruptedException {
        String own = "libquadmath.so.0\0";
        String library = new String(resource("org/bytedeco/openblas/linux-x86_64/libquadmath.so.0"), ISO_8859_1);
        assertThat(library).contains(own);
        Files.write(
                folder.resolve("libtorch_cpu.so"),
                library.replace(own, "libtorch_cpu.so\0\0").getBytes(ISO_8859_1));

        ChildJvm child = run(BesideAnother.class);

        assertThat(child.output())
                .contains("EngineUnavailableException: engine 'torch' cannot run here: this process has another"
                        + " LibTorch already, loaded from "
                        + folder.toRealPath().resolve("libtorch_cpu.so"));
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream bytes = ClassLoadersTest.class.getClassLoader().getResourceAsStream(name)) {
            return Objects.requireNonNull(bytes, name).readAllBytes();
        }
    }
}
