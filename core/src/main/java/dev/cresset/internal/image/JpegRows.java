package dev.cresset.internal.image;

import java.awt.image.DataBufferByte;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A decoded JPEG. Its samples stay where the codec put them; components of half the image's height are smoothed on the way.
 * Used by one thread.
 */
public final class JpegRows implements RgbRows {

    private static final byte[] NONE = {};

    private final JpegHeader header;
    private final int width;
    private final int height;
    private final int bands;
    private final byte[] samples;
    private final int start;
    private final int stride;
    private final boolean[] doubled;
    /** A row whose components are not all as the codec left them. */
    private byte[] smooth = NONE;

    private JpegRows(JpegHeader header, Raster raster, byte[] samples, int start, int stride) {
        this.header = header;
        this.width = raster.getWidth();
        this.height = raster.getHeight();
        this.bands = raster.getNumBands();
        this.samples = samples;
        this.start = start;
        this.stride = stride;
        this.doubled = new boolean[bands];
        for (int c = 0; c < bands; c++) {
            doubled[c] =
                    header.hasHalfHeight(c) && RowDoubling.isPlain(samples, start + c, bands, stride, width, height);
            if (doubled[c]) {
                smooth = new byte[width * bands];
            }
        }
    }

    static JpegRows of(Raster raster, JpegHeader header) {
        int bands = raster.getNumBands();
        if (raster.getDataBuffer() instanceof DataBufferByte buffer
                && raster.getSampleModel() instanceof PixelInterleavedSampleModel model
                && model.getPixelStride() == bands
                && Arrays.equals(
                        model.getBandOffsets(), IntStream.range(0, bands).toArray())) {
            int start = buffer.getOffset()
                    - raster.getSampleModelTranslateY() * model.getScanlineStride()
                    - raster.getSampleModelTranslateX() * bands;
            int first = start + raster.getMinY() * model.getScanlineStride() + raster.getMinX() * bands;
            return new JpegRows(header, raster, buffer.getData(), first, model.getScanlineStride());
        }
        byte[] copied = (byte[])
                raster.getDataElements(raster.getMinX(), raster.getMinY(), raster.getWidth(), raster.getHeight(), null);
        return new JpegRows(header, raster, copied, 0, raster.getWidth() * bands);
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int height() {
        return height;
    }

    @Override
    public void read(int y, int x, int count, byte[] rgb) {
        int from = start + y * stride + x * bands;
        if (smooth.length == 0) {
            JpegColours.convert(samples, from, rgb, count, header.colours());
            return;
        }
        System.arraycopy(samples, from, smooth, 0, count * bands);
        for (int c = 0; c < bands; c++) {
            if (doubled[c]) {
                RowDoubling.smooth(samples, start + x * bands + c, bands, stride, y, height, smooth, c, count);
            }
        }
        JpegColours.convert(smooth, 0, rgb, count, header.colours());
    }
}
