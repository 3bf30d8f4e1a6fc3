package dev.cresset.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** DJL's ordinary way: one item, which its batchifier stacks and splits; or a batch that the caller made. */
public final class DjlFloats implements Translator<float[], float[]> {
    private final boolean one;
    private final Shape shape;

    /** Takes the shape of a batch. */
    public DjlFloats(long... shape) {
        one = shape[0] == 1;
        this.shape = new Shape(one ? Arrays.copyOfRange(shape, 1, shape.length) : shape);
    }

    /** How a model is opened for single rows. */
    public static Criteria<float[], float[]> criteria(Recorded model) {
        return Criteria.builder()
                .setTypes(float[].class, float[].class)
                .optModelPath(model.torchScript())
                .optEngine("PyTorch")
                .optTranslator(new DjlFloats(model.shape(1)))
                .build();
    }

    static ZooModel<float[], float[]> open(Recorded model) throws Exception {
        return criteria(model).loadModel();
    }

    @Override
    public NDList processInput(TranslatorContext context, float[] request) {
        return new NDList(context.getNDManager().create(request, shape));
    }

    @Override
    public float[] processOutput(TranslatorContext context, NDList output) {
        NDArray array = output.singletonOrThrow();
        return array.toFloatArray();
    }

    @Override
    public @Nullable Batchifier getBatchifier() {
        return one ? Batchifier.STACK : null;
    }
}
