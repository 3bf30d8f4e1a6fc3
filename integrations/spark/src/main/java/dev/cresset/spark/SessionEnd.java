package dev.cresset.spark;

import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.jspecify.annotations.Nullable;

/**
 * Closes a driver's predictors when its application ends, though its JVM goes on: a notebook's, a test's. An executor's end is
 * its JVM's.
 */
final class SessionEnd extends SparkListener {

    private static @Nullable SparkContext watched; // guarded by the class

    private final SparkContext context;

    private SessionEnd(SparkContext context) {
        this.context = context;
    }

    /** Once for each application; does nothing in an executor. */
    static synchronized void watch() {
        SparkEnv environment = SparkEnv.get();
        if (environment == null || !"driver".equals(environment.executorId())) {
            return;
        }
        SparkContext current = SparkContext.getOrCreate(environment.conf());
        if (current != watched && !current.isStopped()) {
            current.addSparkListener(new SessionEnd(current));
            watched = current;
        }
    }

    private static synchronized void forget(SparkContext context) {
        if (watched == context) {
            watched = null;
        }
    }

    @Override
    public void onApplicationEnd(SparkListenerApplicationEnd end) {
        forget(context);
        ModelOpening.PREDICTORS.closeAll();
    }
}
