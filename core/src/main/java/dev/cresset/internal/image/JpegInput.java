package dev.cresset.internal.image;

import java.util.BitSet;

/**
 * A JPEG without its colour profile, which Pillow ignores, too. The JDK's codec would prepare to convert colours by it, which
 * takes longer than decoding a small photo. Its segments stay in their places, but as ones that decoders skip: as
 * application data that has no meaning (APP15). Used by one thread.
 */
public final class JpegInput extends ArrayImageInput {

    private static final int APP2 = 0xe2;
    private static final int APP15 = 0xef;

    /** Where the profile's segments have their markers. */
    private final BitSet profile = new BitSet(0);

    JpegInput(byte[] bytes) throws ImageFormatException {
        super(bytes);
        JpegMarkers segment = new JpegMarkers(bytes);
        while (segment.next() && segment.marker() != 0xda) {
            if (segment.marker() == APP2 && segment.startsWith("ICC_PROFILE\0")) {
                profile.set(segment.markerAt());
            }
        }
    }

    @Override
    public int read() {
        boolean hidden = profile.get((int) streamPos);
        int read = super.read();
        return hidden ? APP15 : read;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        int from = (int) streamPos;
        int count = super.read(target, offset, length);
        for (int at = profile.nextSetBit(from); at >= 0 && at < from + count; at = profile.nextSetBit(at + 1)) {
            target[offset + at - from] = (byte) APP15;
        }
        return count;
    }
}
