package dev.cresset.benchmarks;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The JavaCPP presets used directly, with care: input reused, inference mode on, every pointer released at once. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init")
public class PresetsBenchmark {

    /** Which model. */
    @Param
    public Recorded model;

    /** Items in one call. */
    @Param("1")
    public int batch;

    /** Threads that one call may use. */
    @Param("1")
    public int threads;

    private InferenceMode guard;
    private JitModule asIs;
    private JitModule frozen;
    private FloatPointer data;
    private Tensor input;
    private IValueVector inputs;
    private float[] answer;

    /** Opens the model both ways, and checks both answers. */
    @Setup
    public void open() {
        openblas_nolapack.blas_set_num_threads(1);
        torch.set_num_threads(threads);
        guard = new InferenceMode(true);
        asIs = torch.load(model.torchScript().toString(), new DeviceOptional(), true);
        asIs.eval();
        frozen = torch.freeze(asIs);
        FloatBuffer floats = ByteBuffer.allocateDirect(model.input(batch).length * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        floats.put(model.input(batch)).flip();
        data = new FloatPointer(floats);
        input = torch.from_blob(data, model.shape(batch));
        inputs = new IValueVector(new IValue(input));
        answer = new float[model.outputSize() * batch];
        model.check(asIs(), batch);
        model.check(frozen(), batch);
    }

    /** Ends inference mode. */
    @TearDown
    public void close() {
        guard.close();
    }

    /** The module as it was loaded. */
    @Benchmark
    public float[] asIs() {
        return run(asIs);
    }

    /** The frozen module. */
    @Benchmark
    public float[] frozen() {
        return run(frozen);
    }

    private float[] run(JitModule module) {
        try (PointerScope scope = new PointerScope()) {
            module.forward(inputs).toTensor().data_ptr_float().get(answer);
            return answer;
        }
    }
}
