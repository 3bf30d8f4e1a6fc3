package dev.cresset.internal.image;

import java.io.IOException;
import javax.imageio.ImageReader;

/** Decodes PNG by the JDK's codec, from a file that has been checked and put in order. */
final class PngDecoder {

    private PngDecoder() {}

    static RgbRows decode(byte[] bytes, PixelLimit limit) throws IOException {
        PngFile file = PngFile.read(bytes);
        limit.check(file.width(), file.height());
        ImageReader reader = JdkCodec.PNG.open(new ArrayImageInput(file.toBytes()));
        try {
            return new PngRows(reader.read(0).getRaster(), file);
        } finally {
            reader.dispose();
        }
    }
}
