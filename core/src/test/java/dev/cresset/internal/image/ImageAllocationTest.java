package dev.cresset.internal.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Random;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From a JPEG to a tensor, nothing that grows with the image is allocated but by the JDK's decoder. */
public class ImageAllocationTest {

    private static final int CALLS = 30;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What the rest takes: a header, a window, a few iterators. */
    private static final long SMALL = 4096;

    @ParameterizedTest
    @CsvSource({"320, 240", "240, 320", "1600, 1200", "300, 1500"})
    void write_allocatesLittleBesideTheDecoder(int width, int height) throws IOException {
        byte[] jpeg = jpeg(width, height);
        ImageDecoder decoder = new ImageDecoder(ImageDecoder.PILLOW_MAX_PIXELS);
        ImageTransform transform = Transforms.imagenet();
        FloatBuffer slot =
                ByteBuffer.allocateDirect(3 * 224 * 224 * Float.BYTES).asFloatBuffer();

        long whole = allocated(() -> transform.write(decoder.decode(jpeg), slot));

        long pixels = 3L * width * height;
        assertThat(whole).isGreaterThanOrEqualTo(pixels); // the decoder's own
        assertThat(whole - decoderAlone(jpeg)).isLessThan(SMALL);
    }

    @Test
    void writeWhole_allocatesLittleBesideTheDecoder() throws IOException {
        byte[] jpeg = jpeg(800, 600);
        ImageDecoder decoder = new ImageDecoder(ImageDecoder.PILLOW_MAX_PIXELS);
        ImageTransform transform = Transforms.imagenet();
        FloatBuffer slot =
                ByteBuffer.allocateDirect(3 * 800 * 600 * Float.BYTES).asFloatBuffer();

        long whole = allocated(() -> transform.writeWhole(decoder.decode(jpeg), slot));

        assertThat(whole - decoderAlone(jpeg)).isLessThan(SMALL);
    }

    private static long decoderAlone(byte[] jpeg) {
        return allocated(() -> {
            ImageReader reader = JdkCodec.JPEG.open(new ArrayImageInput(jpeg));
            reader.addIIOReadWarningListener(new JpegWarnings());
            reader.getWidth(0);
            reader.getHeight(0);
            reader.readRaster(0, null);
            reader.dispose();
        });
    }

    /** Something that may fail on a bad image. */
    private interface Call {
        void run() throws IOException;
    }

    private static long allocated(Call call) {
        try {
            for (int i = 0; i < CALLS; i++) {
                call.run();
            }
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                call.run();
            }
            return (THREADS.getCurrentThreadAllocatedBytes() - before) / CALLS;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] jpeg(int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(1);
        for (int i = 0; i < width * height; i += 1 + random.nextInt(50)) {
            image.setRGB(i % width, i / width, random.nextInt(1 << 24));
        }
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(image, "jpg", jpeg);
        return jpeg.toByteArray();
    }
}
