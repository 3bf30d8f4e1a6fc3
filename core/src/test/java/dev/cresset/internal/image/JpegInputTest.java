package dev.cresset.internal.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The codec gets a JPEG as it is, but for its colour profile. */
public class JpegInputTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 65536})
    void read_showsColourProfilesAsSegmentsToSkip(int buffer) throws IOException {
        byte[] jpeg = withTwoProfiles();

        byte[] shown = new byte[jpeg.length];
        JpegInput input = new JpegInput(jpeg);
        for (int at = 0; at < jpeg.length; ) {
            at += input.read(shown, at, Math.min(buffer, jpeg.length - at));
        }

        assertThat(shown).isEqualTo(hidden(jpeg));
    }

    @Test
    void read_byteByByte_showsTheSame() throws IOException {
        byte[] jpeg = withTwoProfiles();

        byte[] shown = new byte[jpeg.length];
        JpegInput input = new JpegInput(jpeg);
        for (int at = 0; at < jpeg.length; at++) {
            shown[at] = (byte) input.read();
        }

        assertThat(input.read()).isEqualTo(-1);
        assertThat(shown).isEqualTo(hidden(jpeg));
    }

    /** A profile of two parts, and an APP2 of another kind between them. */
    private static byte[] withTwoProfiles() {
        return new byte[] {
            (byte) 0xff,
            (byte) 0xd8,
            (byte) 0xff,
            (byte) 0xe2,
            0,
            14,
            'I',
            'C',
            'C',
            '_',
            'P',
            'R',
            'O',
            'F',
            'I',
            'L',
            'E',
            0,
            (byte) 0xff,
            (byte) 0xe2,
            0,
            6,
            'M',
            'P',
            'F',
            0,
            (byte) 0xff,
            (byte) 0xe2,
            0,
            15,
            'I',
            'C',
            'C',
            '_',
            'P',
            'R',
            'O',
            'F',
            'I',
            'L',
            'E',
            0,
            1,
            (byte) 0xff,
            (byte) 0xda,
            0,
            2,
            1,
            2,
            3
        };
    }

    private static byte[] hidden(byte[] jpeg) {
        byte[] hidden = jpeg.clone();
        hidden[3] = (byte) 0xef;
        hidden[27] = (byte) 0xef;
        return hidden;
    }
}
