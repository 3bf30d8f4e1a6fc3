package dev.cresset.config;

/**
 * The names of all system properties that Cresset reads, but for those of ONNX Runtime ({@code cresset.onnx.*}). What options in
 * code say goes before them. When each is read is up to who reads it: set them before the first model is opened.
 */
public final class SystemProperties {

    /** The folder for unpacked libraries and remembered plans; {@code off} keeps no plans. The user's cache folders unless set. */
    public static final String CACHE = "cresset.cache";

    /** How models are computed: {@code AUTO}, which it is unless set, or an {@code Optimization} by name. */
    public static final String OPTIMIZATION = "cresset.optimization";

    /** When a model is tuned that nothing could be tried with before: a {@code FirstCallTuning} by name. */
    public static final String FIRST_CALL_TUNING = "cresset.firstCallTuning";

    /** How many threads one call may use; 1 unless set. */
    public static final String INTRA_OP_THREADS = "cresset.intraOpThreads";

    /** The engine by its name, such as {@code torch}; the best that runs unless set. */
    public static final String ENGINE = "cresset.engine";

    /** Where models compute, in the words of {@code Device.parse}; as an archive says, or else the CPU, unless set. */
    public static final String DEVICE = "cresset.device";

    /** How many of a model's calls may be CUDA graphs; none unless set. */
    public static final String CUDA_GRAPHS = "cresset.cudaGraphs";

    /** {@code true}: products of float32 take TensorFloat-32 on GPUs. */
    public static final String TF32 = "cresset.tf32";

    /** {@code true}: cuDNN tries its algorithms for each size. */
    public static final String CUDNN_BENCHMARK = "cresset.cudnnBenchmark";

    /** How many calls of a predictor run at once; as many as there are physical cores unless set. */
    public static final String WORKERS = "cresset.workers";

    /** {@code true}: says where a tensor was made that nobody closed. */
    public static final String LEAK_DETECTION = "cresset.leakDetection";

    /** The folder of a LibTorch that is there already; the one in the jars unless set. */
    public static final String LIBTORCH = "cresset.libtorch";

    /** The file of a bridge library of one's own; the one in the jar unless set. */
    public static final String BRIDGE = "cresset.bridge";

    /** The file of a tokenizers library of one's own; the one in the jar unless set. */
    public static final String TOKENIZERS = "cresset.tokenizers";

    /**
     * Where libraries are unpacked to if the user has no cache folder; {@code java.io.tmpdir} unless set. For whoever starts a JVM
     * that has temporary files of its own, such as a probe: what lies unpacked is not there.
     */
    public static final String TMPDIR = "cresset.tmpdir";

    private SystemProperties() {}
}
