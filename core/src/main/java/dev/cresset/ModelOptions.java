package dev.cresset;

import dev.cresset.config.SystemProperties;
import dev.cresset.engine.Device;
import dev.cresset.engine.EngineOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a model is to be opened: immutable, made by {@link #builder}, safe for use by several threads.
 *
 * <p>What is not set in code may be set for the whole JVM by a system property: {@code cresset.engine}, {@code
 * cresset.device}, {@code cresset.cudaGraphs}, {@code cresset.intraOpThreads}, {@code cresset.optimization} and {@code cresset.firstCallTuning}.
 */
public final class ModelOptions {

    private static final ModelOptions DEFAULTS = builder().build();

    private final @Nullable String engine;
    private final List<EngineOptions> engineOptions;
    private final @Nullable Device device;
    private final @Nullable Integer cudaGraphs;
    private final boolean trusted;
    private final @Nullable Integer intraOpThreads;
    private final List<TensorSpec> inputs;
    private final @Nullable Optimization optimization;
    private final Precision precision;
    private final double maxDeviation;
    private final List<Value> exampleInputs;
    private final Duration tuningBudget;
    private final Consumer<Plan.Candidate> tuningListener;
    private final @Nullable FirstCallTuning firstCallTuning;

    private final String chosenIn;

    private ModelOptions(Builder builder) {
        engine = builder.engine;
        engineOptions = builder.engineOptions;
        device = builder.device;
        cudaGraphs = builder.cudaGraphs;
        trusted = builder.trusted;
        intraOpThreads = builder.intraOpThreads;
        inputs = builder.inputs;
        optimization = builder.optimization;
        chosenIn = builder.chosenIn;
        precision = builder.precision;
        maxDeviation = builder.maxDeviation;
        exampleInputs = builder.exampleInputs;
        tuningBudget = builder.tuningBudget;
        tuningListener = builder.tuningListener;
        firstCallTuning = builder.firstCallTuning;
    }

    /** What is used where nothing is said. */
    public static ModelOptions defaults() {
        return DEFAULTS;
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** The engine to use, or empty for the best one that is there. */
    public Optional<String> engine() {
        return engine != null ? Optional.of(engine) : Optional.ofNullable(System.getProperty(SystemProperties.ENGINE));
    }

    /** What single engines are told beside all this. */
    public List<EngineOptions> engineOptions() {
        return engineOptions;
    }

    /**
     * Where the model is to compute, from its opening to its close; empty for where an archive's settings say ({@code deviceType}, {@code
     * deviceIds}), and the CPU where they say nothing. A device that is not there ends opening with a {@link DeviceUnavailableException}. A
     * predictor may have several: {@link Predictor.Builder#devices}.
     */
    public Optional<Device> device() {
        return device != null
                ? Optional.of(device)
                : Optional.ofNullable(System.getProperty(SystemProperties.DEVICE))
                        .map(Device::parse);
    }

    /**
     * How many of the model's calls may be CUDA graphs: recorded once, then given to the device as a whole, instead of kernel by kernel. 0, none,
     * unless set. It pays where calls are many small kernels, and the processor is what holds them up; of a model that it changes nothing for,
     * it only takes memory, for each graph keeps what it computes with.
     *
     * <p>A prepared call becomes one after a few runs: a {@link BoundCall}, and of a predictor each size of a batch, in each of the two that a
     * worker has; {@link Model#forward} never. Its answers are held against the plain call's first. What cannot be one is computed plainly, as a
     * call that waits for numbers of its own, keeps a state or draws random numbers: {@link Model#graphs} says why. On the CPU it has no
     * effect.
     */
    public int cudaGraphs() {
        return cudaGraphs != null ? cudaGraphs : checkedGraphs(Integer.getInteger(SystemProperties.CUDA_GRAPHS, 0));
    }

    /**
     * Whether whoever made the model may do what this process may do. A TorchScript module is a program, and a part of it already
     * runs while it is loaded. Unless it is trusted, its code is looked through before that, and opening ends in a {@link
     * ModelLoadException} that names the method and the operator if there is one in it that reaches outside the computation
     * (files, other processes), or one that Cresset does not know. Off unless set, and set in code only: no archive and no
     * property says it. The limits that a {@code .pt2} is read within are lifted by it as well. What the search promises, and what not, is in {@code docs/trust.md}.
     */
    public boolean isTrusted() {
        return trusted;
    }

    /**
     * How many threads one operator of one call may use. 1 unless set: calls of several threads then scale best, and one
     * call never waits for another's threads. A call uses no more than there are processors; with the engine {@code torch},
     * no more than calls that run at the same time have left, and one in any case.
     */
    public int intraOpThreads() {
        return intraOpThreads != null
                ? intraOpThreads
                : checkedThreads(Integer.getInteger(SystemProperties.INTRA_OP_THREADS, 1));
    }

    /** What the tensors that {@code forward} takes must be like, in order; empty where the model decides for itself. */
    public List<TensorSpec> inputs() {
        return inputs;
    }

    /** These, with what an archive's settings say, where neither code nor the system property says how to compute. */
    ModelOptions orOptimization(Optional<Optimization> ofArchive) {
        if (ofArchive.isEmpty() || optimization != null || System.getProperty(SystemProperties.OPTIMIZATION) != null) {
            return this;
        }
        Builder builder = toBuilder().optimization(ofArchive.get());
        builder.chosenIn = "the archive's settings";
        return builder.build();
    }

    /** These, on a device. */
    ModelOptions on(Device where) {
        return toBuilder().device(where).build();
    }

    /** These, computed as another replica is, if that was chosen or found. */
    ModelOptions as(Plan ofReplica) {
        return switch (ofReplica.origin()) {
            case TUNED, REMEMBERED -> {
                Builder builder = toBuilder().optimization(ofReplica.optimization());
                builder.chosenIn = "its first replica's tuning";
                yield builder.build();
            }
            case CHOSEN, NOT_TUNED, FALLEN_BACK -> this;
        };
    }

    /** These with other inputs; without any, these. */
    ModelOptions withInputs(List<TensorSpec> specs) {
        return specs.isEmpty()
                ? this
                : toBuilder().inputs(specs.toArray(TensorSpec[]::new)).build();
    }

    /** A builder that starts from these. */
    public Builder toBuilder() {
        Builder builder = builder()
                .inputs(inputs.toArray(TensorSpec[]::new))
                .precision(precision)
                .maxDeviation(maxDeviation)
                .exampleInputs(exampleInputs.toArray(Value[]::new))
                .tuningBudget(tuningBudget)
                .tuningListener(tuningListener);
        builder.optimization = optimization;
        builder.engine = engine;
        builder.engineOptions = engineOptions;
        builder.device = device;
        builder.cudaGraphs = cudaGraphs;
        builder.intraOpThreads = intraOpThreads;
        builder.trusted = trusted;
        builder.firstCallTuning = firstCallTuning;
        builder.chosenIn = chosenIn;
        return builder;
    }

    /** Where it was chosen how to compute, if it was. */
    String chosenIn() {
        return chosenIn;
    }

    /**
     * How the model is to be computed; empty, the default, for the way that is found the fastest when it is opened, among those
     * that {@linkplain Optimization#keepsEveryAnswer keep every answer}. That needs inputs to try: {@link #exampleInputs}, {@link #inputs} whose sizes are known but for the first, or a handler with an
     * example; an exported program says enough of itself. Without any, a model is {@link Optimization#FROZEN} until its first call: see {@link
     * #firstCallTuning}. An archive may choose, too: {@code optimization:
     * DIRECT_CHANNELS_LAST} in its settings holds where neither code nor the system property says otherwise ({@code AUTO}).
     */
    public Optional<Optimization> optimization() {
        if (optimization != null) {
            return Optional.of(optimization);
        }
        String named = System.getProperty(SystemProperties.OPTIMIZATION, "AUTO");
        return named.equals("AUTO") ? Optional.empty() : Optional.of(Optimization.valueOf(named));
    }

    /**
     * The numbers to compute with; the module's own unless set. A lower precision is checked when the model is opened: its answers to
     * the samples are held against the module's own, and opening fails if they are further off than {@link #maxDeviation}.
     */
    public Precision precision() {
        return precision;
    }

    /**
     * How far a lower {@link #precision} may move an answer: a fraction of the largest number in the tensor. 0.05 unless set; what
     * your model can bear only you know.
     */
    public double maxDeviation() {
        return maxDeviation;
    }

    /** What {@code forward} may be tried with when the model is opened. Copies are tried, and these not written to. */
    public List<Value> exampleInputs() {
        return exampleInputs;
    }

    /** How long trying may take, give or take one candidate's runs; 10 seconds unless set. Zero: nothing is tried. */
    public Duration tuningBudget() {
        return tuningBudget;
    }

    /**
     * Whether and how a model for which there was nothing to try when it was opened is tuned with its first call's inputs; {@link
     * FirstCallTuning#IN_BACKGROUND} unless set. A {@link #tuningBudget} of zero and an {@link #optimization} that is chosen switch it off,
     * too.
     */
    public FirstCallTuning firstCallTuning() {
        return firstCallTuning != null
                ? firstCallTuning
                : FirstCallTuning.valueOf(
                        System.getProperty(SystemProperties.FIRST_CALL_TUNING, FirstCallTuning.IN_BACKGROUND.name()));
    }

    /**
     * Told of each candidate as it is tried, on the thread that tries it: the one that opens the model, or see {@link
     * FirstCallTuning}.
     */
    public Consumer<Plan.Candidate> tuningListener() {
        return tuningListener;
    }

    private static int checkedGraphs(int most) {
        if (most < 0) {
            throw new IllegalArgumentException("cudaGraphs is " + most + ", it must be at least 0");
        }
        return most;
    }

    private static int checkedThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("intraOpThreads is " + threads + ", it must be at least 1");
        }
        return threads;
    }

    /** Collects options. Not safe for use by several threads. */
    public static final class Builder {
        private @Nullable String engine;
        private List<EngineOptions> engineOptions = List.of();
        private @Nullable Device device;
        private @Nullable Integer cudaGraphs;
        private boolean trusted;
        private @Nullable Integer intraOpThreads;
        private List<TensorSpec> inputs = List.of();
        private @Nullable Optimization optimization;
        private String chosenIn = "the options";
        private Precision precision = Precision.AS_SAVED;
        private double maxDeviation = 0.05;
        private List<Value> exampleInputs = List.of();
        private Duration tuningBudget = Duration.ofSeconds(10);
        private Consumer<Plan.Candidate> tuningListener = candidate -> {};
        private @Nullable FirstCallTuning firstCallTuning;

        private Builder() {}

        /** Sets {@link ModelOptions#engine}: {@code torch} is LibTorch through Cresset's bridge, {@code torch-portable} LibTorch through the presets' own API, {@code onnx} ONNX Runtime. */
        public Builder engine(String name) {
            engine = name;
            return this;
        }

        /** Sets {@link ModelOptions#engineOptions}, for one engine or for several: those of engines that do not open the model have no effect. */
        public Builder engineOptions(EngineOptions... options) {
            engineOptions = List.of(options);
            return this;
        }

        /** Sets {@link ModelOptions#device}: {@code Device.cuda(0)} is the first GPU. */
        public Builder device(Device where) {
            device = Objects.requireNonNull(where, "where");
            return this;
        }

        /** Sets {@link ModelOptions#cudaGraphs}. */
        public Builder cudaGraphs(int most) {
            cudaGraphs = checkedGraphs(most);
            return this;
        }

        /** Sets {@link ModelOptions#isTrusted}. */
        public Builder trusted(boolean isTrusted) {
            trusted = isTrusted;
            return this;
        }

        /** Sets {@link ModelOptions#intraOpThreads}. */
        public Builder intraOpThreads(int threads) {
            intraOpThreads = checkedThreads(threads);
            return this;
        }

        /**
         * Sets {@link ModelOptions#inputs}. TorchScript declares neither the type nor the sizes of the tensors that a
         * module takes; declared here, they are checked before a call, with a sentence that names the input. An exported program
         * declares them itself.
         */
        public Builder inputs(TensorSpec... specs) {
            inputs = List.of(specs);
            return this;
        }

        /** Sets {@link ModelOptions#optimization}: nothing is tried, whether it is faster or not. */
        public Builder optimization(Optimization chosen) {
            optimization = chosen;
            return this;
        }

        /** Sets {@link ModelOptions#precision}. */
        public Builder precision(Precision chosen) {
            precision = Objects.requireNonNull(chosen, "precision");
            return this;
        }

        /** Sets {@link ModelOptions#maxDeviation}. */
        public Builder maxDeviation(double relative) {
            if (!(relative >= 0)) {
                throw new IllegalArgumentException("maxDeviation is " + relative + ", it must be at least zero");
            }
            maxDeviation = relative;
            return this;
        }

        /** Sets {@link ModelOptions#exampleInputs}: the caller's, and open until the model is. */
        public Builder exampleInputs(Value... arguments) {
            exampleInputs = List.of(arguments);
            return this;
        }

        /** Sets {@link ModelOptions#tuningBudget}. */
        public Builder tuningBudget(Duration budget) {
            if (budget.isNegative()) {
                throw new IllegalArgumentException("tuningBudget is " + budget + ", it must be at least zero");
            }
            tuningBudget = budget;
            return this;
        }

        /** Sets {@link ModelOptions#tuningListener}. */
        public Builder tuningListener(Consumer<Plan.Candidate> listener) {
            tuningListener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /** Sets {@link ModelOptions#firstCallTuning}. */
        public Builder firstCallTuning(FirstCallTuning when) {
            firstCallTuning = Objects.requireNonNull(when, "when");
            return this;
        }

        /** The options so far. */
        public ModelOptions build() {
            return new ModelOptions(this);
        }
    }
}
