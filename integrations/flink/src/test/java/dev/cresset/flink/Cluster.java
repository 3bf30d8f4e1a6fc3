package dev.cresset.flink;

import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/** A job manager and task managers in this process, all of them real. */
record Cluster(MiniCluster flink) implements AutoCloseable {

    /** As many slots as the shared one has. */
    static final int SLOTS = 4;

    private static @Nullable Cluster shared;

    /** One task manager for all tests that leave it as it is; it ends with the process. */
    static synchronized Cluster shared() throws Exception {
        Cluster found = shared;
        if (found == null) {
            Configuration settings = new Configuration();
            settings.setString("metrics.reporter.seen.factory.class", SeenMetrics.class.getName());
            found = start(1, SLOTS, settings);
            shared = found;
        }
        return found;
    }

    static Cluster start(int taskManagers, int slots, Configuration settings) throws Exception {
        settings.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(16));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(16));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(16));
        MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(settings)
                .setNumTaskManagers(taskManagers)
                .setNumSlotsPerTaskManager(slots)
                .withRandomPorts()
                .build());
        cluster.start();
        return new Cluster(cluster);
    }

    /** Submits a job, and does not wait for it. */
    JobGraph submit(StreamExecutionEnvironment job) throws Exception {
        JobGraph graph = job.getStreamGraph().getJobGraph();
        flink.submitJob(graph).get(60, TimeUnit.SECONDS);
        return graph;
    }

    JobResult await(JobGraph job) throws Exception {
        return flink.requestJobResult(job.getJobID()).get(120, TimeUnit.SECONDS);
    }

    /** Asks for a job's end, and does not wait for it. */
    void cancel(JobGraph job) throws Exception {
        flink.cancelJob(job.getJobID()).get(60, TimeUnit.SECONDS);
    }

    /** Runs a job to its end. */
    JobResult run(StreamExecutionEnvironment job) throws Exception {
        return await(submit(job));
    }

    @Override
    public void close() {
        flink.closeAsync().join();
    }
}
