package dev.cresset.benchmarks;

import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** DJL with its PyTorch engine: the ordinary translator, and the leanest use of its API. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        jvmArgsAppend = {
            "-Dai.djl.default_engine=PyTorch",
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true",
            "-Dai.djl.pytorch.num_interop_threads=1"
        })
@SuppressWarnings("NullAway.Init")
public class DjlBenchmark {

    /** Which model. */
    @Param
    public Recorded model;

    /** Items in one call. */
    @Param("1")
    public int batch;

    /** Threads that one call may use. */
    @Param("1")
    public int threads;

    private ZooModel<float[], float[]> opened;
    private ZooModel<NDList, NDList> plain;
    private Predictor<float[], float[]> predictor;
    private Predictor<NDList, NDList> plainPredictor;
    private NDManager manager;
    private NDList input;
    private float[] floats;

    /** Opens the model both ways, and checks both answers. */
    @Setup
    public void open() throws Exception {
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
        floats = model.input(batch);
        opened = Criteria.builder()
                .setTypes(float[].class, float[].class)
                .optModelPath(model.torchScript())
                .optEngine("PyTorch")
                .optTranslator(new DjlFloats(model.shape(batch)))
                .build()
                .loadModel();
        plain = Criteria.builder()
                .setTypes(NDList.class, NDList.class)
                .optModelPath(model.torchScript())
                .optEngine("PyTorch")
                .build()
                .loadModel();
        predictor = opened.newPredictor();
        plainPredictor = plain.newPredictor();
        manager = NDManager.newBaseManager();
        input = new NDList(manager.create(floats, new Shape(model.shape(batch))));
        model.check(translator(), batch);
        try (NDList answer = plainPredictor.predict(input)) {
            model.check(answer.singletonOrThrow().toFloatArray(), batch);
        }
    }

    /** Closes it all. */
    @TearDown
    public void close() {
        plainPredictor.close();
        predictor.close();
        manager.close();
        plain.close();
        opened.close();
    }

    /** An array in, an array out, items stacked by DJL. */
    @Benchmark
    public float[] translator() throws Exception {
        return predictor.predict(floats);
    }

    /** The same input array every time, the output closed. */
    @Benchmark
    public void reusedNdList() throws Exception {
        plainPredictor.predict(input).close();
    }
}
