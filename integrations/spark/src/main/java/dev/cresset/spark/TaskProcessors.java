package dev.cresset.spark;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;

/** How many processors Spark gives a task, and how many tasks it runs at once in this JVM. */
final class TaskProcessors {

    private static final Pattern LOCAL = Pattern.compile("local\\[(\\d+)(,.*)?]");

    private TaskProcessors() {}

    /** The task's own, by its resource profile; {@code spark.task.cpus} outside of tasks. */
    static int ofATask() {
        TaskContext task = TaskContext.get();
        if (task != null) {
            return Math.max(1, task.cpus());
        }
        SparkEnv environment = SparkEnv.get();
        return environment == null ? 1 : environment.conf().getInt("spark.task.cpus", 1);
    }

    static int tasksAtOnce() {
        return Math.max(1, executorCores() / ofATask());
    }

    private static int executorCores() {
        SparkEnv environment = SparkEnv.get();
        int all = Runtime.getRuntime().availableProcessors();
        if (environment == null) {
            return all;
        }
        SparkConf conf = environment.conf();
        Matcher local = LOCAL.matcher(conf.get("spark.master", ""));
        if (local.matches()) {
            return Math.min(all, Integer.parseInt(local.group(1)));
        }
        return conf.get("spark.master", "").equals("local") ? 1 : conf.getInt("spark.executor.cores", all);
    }
}
