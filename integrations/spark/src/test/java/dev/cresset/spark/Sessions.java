package dev.cresset.spark;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Sessions of Spark for tests, and the models that they score with. */
final class Sessions {

    static final Path FIXTURES = Path.of(System.getProperty("cresset.fixtures"));
    static final String RISK = FIXTURES.resolve("risk").resolve("risk.mar").toString();

    private Sessions() {}

    /** Two threads of this JVM. */
    static SparkSession local() {
        return quiet(builder("local[2]").getOrCreate());
    }

    /** Two executors of one core, each a JVM of its own. */
    static SparkSession.Builder on(TwoHosts cluster) {
        return builder(cluster.url())
                .config("spark.executor.memory", "700m")
                .config("spark.executor.cores", "1")
                .config("spark.executor.extraClassPath", classPath())
                .config(
                        "spark.executor.extraJavaOptions",
                        "-Dcresset.cache=off -XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    }

    static SparkSession quiet(SparkSession session) {
        session.sparkContext().setLogLevel("OFF");
        return session;
    }

    static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    private static SparkSession.Builder builder(String master) {
        return SparkSession.builder()
                .master(master)
                .appName("cresset")
                .config("spark.ui.enabled", false)
                .config("spark.sql.shuffle.partitions", 2)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.warehouse.dir", System.getProperty("java.io.tmpdir") + "/cresset-warehouse");
    }
}
