package dev.cresset.internal.image;

import java.io.IOException;
import javax.imageio.ImageReader;

/** Decodes JPEG by the JDK's codec, and refuses what that is known to fill up in its own way. */
final class JpegDecoder {

    private JpegDecoder() {}

    static RgbRows decode(byte[] bytes, PixelLimit limit) throws IOException {
        JpegHeader header = JpegHeader.read(bytes);
        limit.check(header.width(), header.height());
        ImageReader reader = JdkCodec.JPEG.open(new JpegInput(bytes));
        try {
            JpegWarnings warnings = new JpegWarnings();
            reader.addIIOReadWarningListener(warnings);
            // Should the codec take another header for the image's, the limit holds for that one, too.
            limit.check(reader.getWidth(0), reader.getHeight(0));
            JpegRows rows = header.isConvertedByCodec()
                    ? JpegRows.of(JdkCodec.readRgb(reader), header.inRgb())
                    : JpegRows.of(reader.readRaster(0, null), header);
            warnings.check();
            return rows;
        } finally {
            reader.dispose();
        }
    }
}
