package dev.cresset.flink;

import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;
import org.jspecify.annotations.Nullable;

/** A reporter that keeps the last value of each metric of ours, as it was when its task ended. */
public final class SeenMetrics implements MetricReporter, MetricReporterFactory {

    private static final Map<String, Metric> LIVE = new ConcurrentHashMap<>();
    private static final Map<String, Object> LAST = new ConcurrentHashMap<>();

    /** The value of a metric of the operator's first subtask, by the operator's name and the metric's. */
    static @Nullable Object of(String operator, String name) {
        String key = operator + " " + name;
        Metric live = LIVE.get(key);
        return live == null ? LAST.get(key) : value(live);
    }

    private static Object value(Metric metric) {
        if (metric instanceof Counter counter) {
            return counter.getCount();
        }
        return metric instanceof Gauge<?> gauge ? gauge.getValue() : metric.toString();
    }

    private static String key(String name, MetricGroup group) {
        String identifier = group.getMetricIdentifier(name);
        return group.getAllVariables().get("<operator_name>") + " "
                + identifier.substring(identifier.indexOf(".cresset.") + ".cresset.".length());
    }

    private static boolean isOurs(String name, MetricGroup group) {
        return group.getMetricIdentifier(name).contains(".cresset.")
                && "0".equals(group.getAllVariables().get("<subtask_index>"));
    }

    @Override
    public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
        if (isOurs(name, group)) {
            LIVE.put(key(name, group), metric);
        }
    }

    @Override
    public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {
        if (isOurs(name, group)) {
            LAST.put(key(name, group), value(metric));
            LIVE.remove(key(name, group));
        }
    }

    @Override
    public MetricReporter createMetricReporter(Properties properties) {
        return this;
    }

    @Override
    public void open(MetricConfig config) {}

    @Override
    public void close() {}
}
