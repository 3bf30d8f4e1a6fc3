package dev.cresset.benchmarks;

import dev.cresset.Inputs;
import dev.cresset.handler.ImageClassifier;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * From the bytes of a JPEG to a classifier's input: decoded, resized to 256, cropped to 224 x 224, normalised, in the memory
 * that the model reads. {@code images/images.py} makes the pictures and times Pillow and torchvision on them; that
 * both give the same bits is checked first.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init")
public class ImageToTensorBenchmark {

    /** The picture's width and height. */
    @Param({"640x480", "1920x1080"})
    public String size;

    private byte[] jpeg;
    private ImageClassifier classifier;
    private Slot slot;

    /** Reads the picture, and compares with what torchvision made of it. */
    @Setup
    public void open() throws IOException {
        Path folder = Path.of(System.getProperty("cresset.images"));
        jpeg = Files.readAllBytes(folder.resolve(size + ".jpg"));
        try (ModelArchive archive = ModelArchive.open(Path.of(System.getProperty("cresset.archive")))) {
            classifier = ImageClassifier.of(archive);
        }
        slot = new Slot(Tensor.allocate(DataType.FLOAT32, 1, 3, 224, 224));
        FloatBuffer expected = ByteBuffer.wrap(Files.readAllBytes(folder.resolve(size + ".f32")))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        if (toTensor().asFloatBuffer().mismatch(expected) >= 0) {
            throw new AssertionError(size + ": torchvision's tensor is another");
        }
    }

    /** Frees the tensor. */
    @TearDown
    public void close() {
        slot.tensor.close();
    }

    /** What a predictor does before it runs the model. */
    @Benchmark
    public Tensor toTensor() {
        classifier.preprocess(jpeg, slot);
        return slot.tensor;
    }

    /** The part of it that the JDK's decoder takes: no colours, no resizing. */
    @Benchmark
    public Raster jdkDecoder() throws IOException {
        ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
        try {
            reader.setInput(new MemoryCacheImageInputStream(new ByteArrayInputStream(jpeg)), true, true);
            return reader.readRaster(0, null);
        } finally {
            reader.dispose();
        }
    }

    /** A model's input that is always the same memory. */
    private record Slot(Tensor tensor) implements Inputs {
        @Override
        public Tensor tensor(DataType type, long... shape) {
            return tensor.lend(shape);
        }

        @Override
        public Tensor tensorInList(DataType type, long... shape) {
            throw new UnsupportedOperationException("a classifier takes no list");
        }

        @Override
        public void value(Value value) {
            throw new UnsupportedOperationException("a classifier takes one tensor");
        }

        @Override
        public List<Signature.Parameter> parameters() {
            return List.of();
        }
    }
}
