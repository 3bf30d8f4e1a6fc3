package dev.cresset.spring.boot;

import dev.cresset.FirstCallTuning;
import dev.cresset.WhenFull;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.tensor.DataType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.util.unit.DataSize;

/**
 * How predictors are opened: what {@code Predictor.Builder} and {@code ModelOptions} take, as properties. What is not set is as it
 * is there. Whether a model is trusted is not among them, for that is said in code only: {@link ModelOptionsCustomizer}.
 *
 * <p>Written while properties are bound; not safe for use by several threads before that is done.
 */
@ConfigurationPropertiesSource
public class PredictorProperties {

    /**
     * What turns requests into tensors and answers back: the name of a bean of type Handler or HandlerFactory, a class, "floats",
     * or "tensors". Unless set, the archive's own handler: bytes in, JSON out.
     */
    private @Nullable String handler;

    /** Engine to compute with; the best that runs unless set. */
    private @Nullable String engine;

    /** Where to compute: "cpu", or "cuda:0" and so on; with several, the model is on each of them. As the archive says unless set. */
    private List<String> devices = new ArrayList<>();

    /** How to compute; unless set, the fastest way that keeps every answer is looked for. */
    private @Nullable Optimization optimization;

    /** Numbers to compute with; the model's own unless set. */
    private @Nullable Precision precision;

    /** How far a lower precision may move an answer, as a fraction of the largest number in it; 0.05 unless set. */
    private @Nullable Double maxDeviation;

    /** How long to look for the fastest way; 10 seconds unless set, and zero does not look. */
    private @Nullable Duration tuningBudget;

    /** What the first call is for where nothing else says what to look for the fastest way with; in the background unless set. */
    private @Nullable FirstCallTuning firstCallTuning;

    /** How many threads one call may use; 1 unless set. */
    private @Nullable Integer intraOpThreads;

    /** How many calls run at once; one for each physical core unless set. */
    private @Nullable Integer workers;

    /** How long a request may take that comes without a deadline of its own; for ever unless set. */
    private @Nullable Duration deadline;

    /** What the tensors that the model takes must be like, in order, the dimension that counts items included. */
    private List<Input> inputs = new ArrayList<>();

    @NestedConfigurationProperty
    private final Batching batching = new Batching();

    @NestedConfigurationProperty
    private final Queue queue = new Queue();

    @NestedConfigurationProperty
    private final WarmUp warmUp = new WarmUp();

    public @Nullable String getHandler() {
        return handler;
    }

    public void setHandler(@Nullable String handler) {
        this.handler = handler;
    }

    public @Nullable String getEngine() {
        return engine;
    }

    public void setEngine(@Nullable String engine) {
        this.engine = engine;
    }

    public List<String> getDevices() {
        return devices;
    }

    public void setDevices(List<String> devices) {
        this.devices = devices;
    }

    public @Nullable Optimization getOptimization() {
        return optimization;
    }

    public void setOptimization(@Nullable Optimization optimization) {
        this.optimization = optimization;
    }

    public @Nullable Precision getPrecision() {
        return precision;
    }

    public void setPrecision(@Nullable Precision precision) {
        this.precision = precision;
    }

    public @Nullable Double getMaxDeviation() {
        return maxDeviation;
    }

    public void setMaxDeviation(@Nullable Double maxDeviation) {
        this.maxDeviation = maxDeviation;
    }

    public @Nullable Duration getTuningBudget() {
        return tuningBudget;
    }

    public void setTuningBudget(@Nullable Duration tuningBudget) {
        this.tuningBudget = tuningBudget;
    }

    public @Nullable FirstCallTuning getFirstCallTuning() {
        return firstCallTuning;
    }

    public void setFirstCallTuning(@Nullable FirstCallTuning firstCallTuning) {
        this.firstCallTuning = firstCallTuning;
    }

    public @Nullable Integer getIntraOpThreads() {
        return intraOpThreads;
    }

    public void setIntraOpThreads(@Nullable Integer intraOpThreads) {
        this.intraOpThreads = intraOpThreads;
    }

    public @Nullable Integer getWorkers() {
        return workers;
    }

    public void setWorkers(@Nullable Integer workers) {
        this.workers = workers;
    }

    public @Nullable Duration getDeadline() {
        return deadline;
    }

    public void setDeadline(@Nullable Duration deadline) {
        this.deadline = deadline;
    }

    public List<Input> getInputs() {
        return inputs;
    }

    public void setInputs(List<Input> inputs) {
        this.inputs = inputs;
    }

    public Batching getBatching() {
        return batching;
    }

    public Queue getQueue() {
        return queue;
    }

    public WarmUp getWarmUp() {
        return warmUp;
    }

    /** What one tensor must be like. */
    public static class Input {

        /** Type of its elements. */
        private DataType type = DataType.FLOAT32;

        /** Its sizes; -1 stands for one that may vary, such as the number of items. */
        private List<Long> shape = new ArrayList<>();

        public DataType getType() {
            return type;
        }

        public void setType(DataType type) {
            this.type = type;
        }

        public List<Long> getShape() {
            return shape;
        }

        public void setShape(List<Long> shape) {
            this.shape = shape;
        }
    }

    /** How requests go together. */
    public static class Batching {

        /** How many requests may go together; as the archive says unless set, and 1 does not batch. */
        private @Nullable Integer maxSize;

        /** How long an idle worker waits for more requests. */
        private Duration maxDelay = Duration.ZERO;

        public @Nullable Integer getMaxSize() {
            return maxSize;
        }

        public void setMaxSize(@Nullable Integer maxSize) {
            this.maxSize = maxSize;
        }

        public Duration getMaxDelay() {
            return maxDelay;
        }

        public void setMaxDelay(Duration maxDelay) {
            this.maxDelay = maxDelay;
        }
    }

    /** How many requests may wait. */
    public static class Queue {

        /** How many requests may wait. */
        private int capacity = 1024;

        /** How much the tensors of those that wait may take; half of what the heap may become unless set. */
        private @Nullable DataSize memory;

        /** What becomes of one that finds no place: rejected at once, or its caller waits. */
        private WhenFull whenFull = WhenFull.REJECT;

        public int getCapacity() {
            return capacity;
        }

        public void setCapacity(int capacity) {
            this.capacity = capacity;
        }

        public @Nullable DataSize getMemory() {
            return memory;
        }

        public void setMemory(@Nullable DataSize memory) {
            this.memory = memory;
        }

        public WhenFull getWhenFull() {
            return whenFull;
        }

        public void setWhenFull(WhenFull whenFull) {
            this.whenFull = whenFull;
        }
    }

    /** What is answered before a caller comes. */
    public static class WarmUp {

        /** Files with requests to answer when the model is opened, for requests that are bytes or text. */
        private List<String> samples = new ArrayList<>();

        /** Whether the samples that an archive carries are answered, and checked. */
        private boolean archiveSamples = true;

        public List<String> getSamples() {
            return samples;
        }

        public void setSamples(List<String> samples) {
            this.samples = samples;
        }

        public boolean isArchiveSamples() {
            return archiveSamples;
        }

        public void setArchiveSamples(boolean archiveSamples) {
            this.archiveSamples = archiveSamples;
        }
    }
}
