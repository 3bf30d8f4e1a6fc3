package dev.cresset;

import dev.cresset.engine.DeviceReport;
import dev.cresset.engine.GraphReport;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.ObjectName;

/** A predictor's numbers in the platform's MBean server. Safe for use by several threads. */
final class PredictorMbean implements PredictorMXBean, AutoCloseable {

    private static final AtomicLong COUNT = new AtomicLong();

    private final Supplier<PredictorMetrics> metrics;
    private final Supplier<Plan> plan;
    private final ObjectName name;

    /** Registers it, under a name of its own. */
    PredictorMbean(String model, Supplier<PredictorMetrics> metrics, Supplier<Plan> plan) {
        this.metrics = metrics;
        this.plan = plan;
        PredictorMetrics unusedFirst = metrics.get(); // counting starts with the first look
        try {
            this.name = registered(model);
        } catch (JMException e) {
            throw new IllegalStateException("cannot register an MBean for " + model + ": " + e, e);
        }
    }

    /** Each class loader that has Cresset counts for itself; the server is the process's. */
    private ObjectName registered(String model) throws JMException {
        while (true) {
            ObjectName free = new ObjectName(
                    "dev.cresset:type=Predictor,name=" + ObjectName.quote(model) + ",id=" + COUNT.incrementAndGet());
            try {
                ManagementFactory.getPlatformMBeanServer().registerMBean(this, free);
                return free;
            } catch (InstanceAlreadyExistsException e) {
                // another class loader's
            }
        }
    }

    ObjectName name() {
        return name;
    }

    @Override
    public void close() {
        try {
            ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
        } catch (InstanceNotFoundException e) {
            // somebody else has unregistered it
        } catch (JMException e) {
            throw new IllegalStateException("cannot unregister " + name, e);
        }
    }

    @Override
    public long getAnswered() {
        return metrics.get().answered();
    }

    @Override
    public long getFailed() {
        PredictorMetrics now = metrics.get();
        return now.invalidInputs() + now.executionFailures() + now.outOfNativeMemory() + now.otherFailures();
    }

    @Override
    public long getInvalidInputs() {
        return metrics.get().invalidInputs();
    }

    @Override
    public long getExecutionFailures() {
        return metrics.get().executionFailures();
    }

    @Override
    public long getOutOfNativeMemory() {
        return metrics.get().outOfNativeMemory();
    }

    @Override
    public long getOtherFailures() {
        return metrics.get().otherFailures();
    }

    @Override
    public long getRejected() {
        return metrics.get().rejected();
    }

    @Override
    public long getExpired() {
        return metrics.get().expired();
    }

    @Override
    public long getCancelled() {
        return metrics.get().cancelled();
    }

    @Override
    public long getBatches() {
        return metrics.get().batches();
    }

    @Override
    public long getRows() {
        return metrics.get().rows();
    }

    @Override
    public long getPaddingRows() {
        return metrics.get().paddingRows();
    }

    @Override
    public int getWaiting() {
        return metrics.get().waiting();
    }

    @Override
    public int getRunning() {
        return metrics.get().running();
    }

    @Override
    public long getNativeBytes() {
        return metrics.get().nativeBytes();
    }

    @Override
    public long getMedianMicros() {
        return micros(metrics.get().total(), 50);
    }

    @Override
    public long getP99Micros() {
        return micros(metrics.get().total(), 99);
    }

    @Override
    public long getQueueP99Micros() {
        return micros(metrics.get().queue(), 99);
    }

    @Override
    public long getNativeP99Micros() {
        return micros(metrics.get().nativeCall(), 99);
    }

    @Override
    public long getDeviceP99Micros() {
        return micros(metrics.get().device(), 99);
    }

    @Override
    public String[] getGraphs() {
        return metrics.get().graphs().stream().map(GraphReport::toString).toArray(String[]::new);
    }

    @Override
    public String[] getDevices() {
        return metrics.get().devices().stream().map(DeviceReport::toString).toArray(String[]::new);
    }

    @Override
    public String getPlan() {
        return plan.get().toString();
    }

    private static long micros(PredictorMetrics.Latency latency, double percent) {
        return TimeUnit.NANOSECONDS.toMicros(latency.percentile(percent).toNanos());
    }
}
