package dev.cresset.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.handler.Fixtures;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images on which the JDK's codecs and Pillow's disagree: we side with Pillow, or refuse. */
public class OddImagesTest {

    private static final ImageDecoder DECODER = new ImageDecoder(ImageDecoder.PILLOW_MAX_PIXELS);

    @ParameterizedTest
    @ValueSource(strings = {"1-bit.png", "grey-2-bit.png", "grey-4-bit.png", "grey.png", "grey-16-bit.png"})
    void png_greyWithATransparentColour_keepsItsValues(String name) throws ImageFormatException {
        byte[] image = photo(name);
        byte[] transparent = insert(image, behindHeader(), chunk("tRNS", new byte[] {0, 1}));

        assertThat(pixels(transparent)).isEqualTo(pixels(image));
    }

    @Test
    void png_paletteShorterThanItsPixels_isFilledUpWithBlack() throws ImageFormatException {
        byte[] image = fourPixels(chunk("PLTE", new byte[] {10, 20, 30, 40, 50, 60}));

        assertThat(pixels(image)).containsExactly(10, 20, 30, 40, 50, 60, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void png_withoutItsPalette_isBlack() throws ImageFormatException {
        assertThat(pixels(fourPixels(new byte[0]))).containsOnly(0);
    }

    @Test
    void png_severalPalettes_theLastCounts() throws ImageFormatException {
        byte[] image = fourPixels(chunk("PLTE", new byte[12]), chunk("PLTE", new byte[] {1, 2, 3}));

        assertThat(pixels(image)).startsWith(1, 2, 3, 0);
    }

    @Test
    void png_dataCutBehindItsLastPixel_isWhole() throws ImageFormatException {
        byte[] image = photo("palette.png");

        assertThat(pixels(Arrays.copyOf(image, image.length - 12))).isEqualTo(pixels(image));
    }

    @Test
    void png_wrongChecksumBeforeThePixels_isRefused() {
        byte[] image = photo("rgb.png");
        image[behindHeader() - 1] ^= 1;

        refuses(image, "the image is damaged: a PNG with a wrong checksum in its chunk IHDR");
    }

    @Test
    void png_chunkThatClaimsToBeHuge_isRefusedBeforeMemoryIsTaken() {
        byte[] claim = ByteBuffer.allocate(8)
                .putInt(Integer.MAX_VALUE)
                .put("PLTE".getBytes(StandardCharsets.US_ASCII))
                .array();

        refuses(
                insert(photo("palette.png"), behindHeader(), claim),
                "the image is damaged: a PNG that ends in its chunk PLTE");
    }

    @Test
    void jpeg_colourAtHalfTheHeight_isSmoothedAsInPillow() throws ImageFormatException {
        byte[] image = photo("baseline-422.jpg");
        int frame = find(image, 0xc0, 0);
        // The blocks of a 4:2:2 image come in the order of a 4:4:0 image that is half as wide and twice as high.
        ByteBuffer.wrap(image).putShort(frame + 5, (short) 303).putShort(frame + 7, (short) 101);
        image[frame + 11] = 0x12;

        assertThat(Fixtures.sha256(RgbImage.of(DECODER.decode(image)).rgb()))
                .as("what Pillow 13.0.0 makes of it")
                .isEqualTo("1e54158fbed9c150e3950057b90dfadc69e9c5ae8873492ddc0c63490fa9be87");
    }

    @Test
    void jpeg_nonsenseForAColourProfile_isIgnored() throws ImageFormatException {
        byte[] image = photo("icc-profile.jpg");
        byte[] nonsense = image.clone();
        int profile = find(image, 0xe2, 0) + 18;
        Arrays.fill(nonsense, profile, profile + 200, (byte) 0x55);

        assertThat(pixels(nonsense)).isEqualTo(pixels(image));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void jpeg_ofJfifAndAdobe_hasJfifsColours(int transform) throws ImageFormatException {
        byte[] image = photo("baseline-420.jpg");
        byte[] adobe = {(byte) 0xff, (byte) 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, (byte) transform};

        assertThat(pixels(insert(image, find(image, 0xdb, 0), adobe))).isEqualTo(pixels(image));
    }

    @Test
    void jpeg_strayBytesBetweenItsSegments_areIgnored() throws ImageFormatException {
        byte[] image = photo("baseline-420.jpg");
        byte[] stray = {1, 2, 3};

        assertThat(pixels(insert(image, image.length - 2, stray))).isEqualTo(pixels(image));
        assertThat(pixels(insert(image, find(image, 0xda, 0), stray))).isEqualTo(pixels(image));
    }

    @Test
    void jpeg_dataThatEndsEarlyBeforeAnEndMarker_isRefused() {
        byte[] image = photo("baseline-420.jpg");
        byte[] cut = Arrays.copyOf(image, image.length / 2);

        refuses(insert(cut, cut.length, new byte[] {(byte) 0xff, (byte) 0xd9}), "premature end of data");
    }

    @Test
    void jpeg_progressiveWithoutItsLastScan_isRefused() {
        byte[] image = photo("progressive-420.jpg");
        int last = 0;
        for (int at = find(image, 0xda, 0); at > 0; at = find(image, 0xda, at + 1)) {
            last = at;
        }
        byte[] cut = Arrays.copyOf(image, last);

        refuses(
                insert(cut, cut.length, new byte[] {(byte) 0xff, (byte) 0xd9}),
                "the image is damaged: a progressive JPEG that lacks some of its scans");
    }

    @Test
    void decode_withAnotherCodecInstalled_usesTheJdks() throws ImageFormatException {
        IIORegistry registry = IIORegistry.getDefaultInstance();
        ForeignCodec foreign = new ForeignCodec();
        registry.registerServiceProvider(foreign, ImageReaderSpi.class);
        try {
            registry.getServiceProviders(ImageReaderSpi.class, /* useOrdering= */ false)
                    .forEachRemaining(other -> {
                        if (other != foreign) {
                            registry.setOrdering(ImageReaderSpi.class, foreign, other);
                        }
                    });

            assertThat(DECODER.decode(photo("baseline-420.jpg")).width()).isEqualTo(201);
        } finally {
            registry.deregisterServiceProvider(foreign, ImageReaderSpi.class);
        }
    }

    private static final class ForeignCodec extends ImageReaderSpi {

        @Override
        public String[] getFormatNames() {
            return new String[] {"jpeg"};
        }

        @Override
        public boolean canDecodeInput(Object source) {
            return source instanceof ImageInputStream;
        }

        @Override
        public ImageReader createReaderInstance(Object extension) {
            throw new AssertionError("not the JDK's codec");
        }

        @Override
        public String getDescription(Locale locale) {
            return "a codec that an application brought along";
        }
    }

    private static byte[] photo(String name) {
        return Fixtures.bytes("photos/" + name);
    }

    private static byte[] pixels(byte[] image) throws ImageFormatException {
        return RgbImage.of(DECODER.decode(image)).rgb();
    }

    private static void refuses(byte[] image, String message) {
        assertThatThrownBy(() -> DECODER.decode(image))
                .isInstanceOf(ImageFormatException.class)
                .hasMessageContaining(message);
    }

    private static byte[] insert(byte[] bytes, int at, byte[] inserted) {
        return ByteBuffer.allocate(bytes.length + inserted.length)
                .put(bytes, 0, at)
                .put(inserted)
                .put(bytes, at, bytes.length - at)
                .array();
    }

    /** Where a JPEG's next marker of a kind is, or -1. */
    private static int find(byte[] jpeg, int marker, int from) {
        for (int at = from; at + 1 < jpeg.length; at++) {
            if (jpeg[at] == (byte) 0xff && jpeg[at + 1] == (byte) marker) {
                return at;
            }
        }
        return -1;
    }

    private static int behindHeader() {
        return 8 + 12 + 13;
    }

    /** A PNG of one row with the palette's indices 0 to 3. */
    private static byte[] fourPixels(byte[]... palettes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(Arrays.copyOf(photo("palette.png"), 8));
        out.writeBytes(chunk("IHDR", new byte[] {0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 0, 0, 0}));
        for (byte[] palette : palettes) {
            out.writeBytes(palette);
        }
        Deflater deflater = new Deflater();
        deflater.setInput(new byte[] {0, 0b00_01_10_11});
        deflater.finish();
        byte[] data = new byte[100];
        out.writeBytes(chunk("IDAT", Arrays.copyOf(data, deflater.deflate(data))));
        deflater.end();
        out.writeBytes(chunk("IEND", new byte[0]));
        return out.toByteArray();
    }

    private static byte[] chunk(String type, byte[] body) {
        ByteBuffer out = ByteBuffer.allocate(12 + body.length).putInt(body.length);
        out.put(type.getBytes(StandardCharsets.US_ASCII)).put(body);
        CRC32 checksum = new CRC32();
        checksum.update(out.array(), 4, 4 + body.length);
        return out.putInt((int) checksum.getValue()).array();
    }
}
