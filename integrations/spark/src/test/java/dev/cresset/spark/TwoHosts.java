package dev.cresset.spark;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.master.Master$;
import org.apache.spark.deploy.worker.Worker$;
import org.apache.spark.rpc.RpcEnv;
import scala.Option;

/**
 * A standalone cluster of two hosts, which are addresses of this machine: master and workers in this JVM, executors in JVMs of
 * their own. As {@code local-cluster} but for the hosts: Spark speculates on another host alone.
 */
final class TwoHosts implements AutoCloseable {

    private final List<RpcEnv> parts = new ArrayList<>();
    private final String url;

    private TwoHosts(Path work) {
        SparkConf conf = new SparkConf(false)
                .set("spark.ui.enabled", "false")
                .set("spark.master.ui.port", "0")
                .set("spark.worker.ui.port", "0");
        RpcEnv master =
                Master$.MODULE$.startRpcEnvAndEndpoint("127.0.0.1", 0, 0, conf)._1();
        parts.add(master);
        this.url = "spark://" + master.address().hostPort();
        for (String host : List.of("127.0.0.2", "127.0.0.3")) {
            parts.add(Worker$.MODULE$.startRpcEnvAndEndpoint(
                    host,
                    0,
                    0,
                    /* cores= */ 1,
                    /* memory= */ 1024,
                    new String[] {url},
                    work.toString(),
                    Option.empty(),
                    conf,
                    Option.empty()));
        }
    }

    static TwoHosts start() throws java.io.IOException {
        Path home = Path.of(System.getenv("SPARK_HOME"));
        Files.createDirectories(home.resolve("jars")); // Spark looks for its jars there, and our class path has them
        return new TwoHosts(home.resolve("work"));
    }

    String url() {
        return url;
    }

    @Override
    public void close() {
        for (int i = parts.size() - 1; i >= 0; i--) {
            parts.get(i).shutdown();
            parts.get(i).awaitTermination();
        }
    }
}
