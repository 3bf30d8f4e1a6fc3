package dev.cresset.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.util.ChildFirstClassLoader;
import org.apache.flink.util.InstantiationUtil;
import org.apache.flink.util.SerializedThrowable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Jobs that bring Cresset with them, each in the class loader that Flink makes for it. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class ClassLoadersTest {

    private static final Pattern OURS =
            Pattern.compile("cresset|bytedeco|jackson|snakeyaml-2|commons-(compress|io|codec|lang3)|jspecify");

    /** What a job's jar would have in it: Cresset, what it needs, and the job. */
    private static List<URL> application() throws MalformedURLException {
        Set<String> entries = new LinkedHashSet<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (Files.isDirectory(Path.of(entry)) || OURS.matcher(entry).find()) {
                entries.add(entry);
            }
        }
        List<URL> path = new ArrayList<>();
        for (String entry : entries) {
            path.add(Path.of(entry).toUri().toURL());
        }
        return path;
    }

    /** Makes the job's graph in a class loader of its own, as {@code flink run} does. */
    private static JobGraph graph(long count) throws Exception {
        List<URL> path = application();
        String[] flinks = CoreOptions.getParentFirstLoaderPatterns(new org.apache.flink.configuration.Configuration());
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (ChildFirstClassLoader client =
                new ChildFirstClassLoader(path.toArray(URL[]::new), before, flinks, problem -> {})) {
            thread.setContextClassLoader(client);
            Class<?> job = client.loadClass(SubmittedJob.class.getName());
            assertThat(job).isNotSameAs(SubmittedJob.class);
            JobGraph graph = (JobGraph) job.getMethod("graph", long.class).invoke(null, count);
            graph.setClasspaths(path);
            return graph;
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static WeakReference<?> loader() {
        return (WeakReference<?>) Objects.requireNonNull(System.getProperties().get(SubmittedJob.LOADER));
    }

    /** Threads of Cresset's and of Flink's end when they have been idle for a while. */
    private static void awaitCollected(WeakReference<?> loader) throws Exception {
        for (int i = 0; i < 100 && loader.get() != null; i++) {
            System.gc();
            InstantiationUtil.clone(new ArrayList<>(List.of(i))); // has serialisation forget what was collected
            Thread.sleep(100);
        }
    }

    /** Runs the job twice, and returns the class loaders that it ran in. */
    private static List<WeakReference<?>> submittedTwice() throws Exception {
        // Before the jobs, as anywhere: classes of Flink keep exceptions in static fields, and these keep the classes
        // of the stack on which they were made; here those of the client that makes the first job.
        Cluster cluster = Cluster.shared();
        List<WeakReference<?>> loaders = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            JobGraph graph = graph(5_000);
            cluster.flink().submitJob(graph).get();
            JobResult result = cluster.await(graph);

            assertThat(result.getSerializedThrowable().map(SerializedThrowable::getFullStringifiedStackTrace))
                    .isEmpty();
            assertThat((Long) result.toJobExecutionResult(ClassLoadersTest.class.getClassLoader())
                            .getAccumulatorResult("scored"))
                    .isEqualTo(5_000L);
            loaders.add(loader());
        }
        return loaders;
    }

    @Test
    void job_submittedTwice_runsTheBridgeBothTimes() throws Exception {
        List<WeakReference<?>> loaders = submittedTwice();

        assertThat(loaders.get(0)).isNotSameAs(loaders.get(1));
        assertThat(Definition.MODELS.keys())
                .as("in the tests' own class loader")
                .isEmpty();
    }

    /** The JDK's own caches let go slowly: {@code -Dcresset.long=true} has the time for it. */
    @Test
    @EnabledIfSystemProperty(named = "cresset.long", matches = "true")
    void job_thatIsOver_leavesNoClassLoader() throws Exception {
        for (WeakReference<?> one : submittedTwice()) {
            awaitCollected(one);
            assertThat(one.get()).isNull();
        }
    }
}
