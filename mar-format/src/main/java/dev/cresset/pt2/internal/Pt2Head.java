package dev.cresset.pt2.internal;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.ArchiveFile;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The start of a file: enough to say what it is, even when its end is missing.
 *
 * @param isZip whether it starts like a zip that is not empty
 * @param first the name of the first entry
 */
public record Pt2Head(boolean isZip, String first, String shown) {
    private static final int LOCAL_HEADER = 0x04034b50;
    private static final int LOCAL_HEADER_LENGTH = 30;
    private static final int NAME_LENGTH = 26;
    /** How many bytes are enough. */
    public static final int LENGTH = 1024;

    /** What torch writes first: a weight, if there is one, or what is written after the weights. */
    private static final Pattern PT2 = Pattern.compile(
            "[^/]+/(data/(weights|constants|aotinductor|sample_inputs)/.*|models/.*[.]json|archive_format)");

    /** What torch up to 2.7 wrote first. */
    private static final Pattern OLD =
            Pattern.compile("serialized_(exported_program|state_dict|constants|example_inputs)\\..*");

    public static Pt2Head of(ArchiveFile file, Refusals refusals) throws ArchiveException {
        try {
            return of(file.readFully(0, ByteBuffer.allocate(LENGTH)));
        } catch (IOException e) {
            throw refusals.archive(Rule.UNREADABLE, "cannot be read " + Refusals.reason(e), e);
        }
    }

    /** Looks at the first bytes of a file, {@link #LENGTH} of them or all. */
    public static Pt2Head of(byte[] head) {
        return of(ByteBuffer.wrap(head));
    }

    private static Pt2Head of(ByteBuffer bytes) {
        ByteBuffer head = bytes.order(ByteOrder.LITTLE_ENDIAN);
        boolean isZip = head.remaining() >= LOCAL_HEADER_LENGTH && head.getInt(0) == LOCAL_HEADER;
        return new Pt2Head(isZip, isZip ? name(head) : "", hex(head));
    }

    private static String name(ByteBuffer head) {
        int length = Short.toUnsignedInt(head.getShort(NAME_LENGTH));
        int there = Math.min(length, head.remaining() - LOCAL_HEADER_LENGTH);
        return StandardCharsets.UTF_8
                .decode(head.slice(LOCAL_HEADER_LENGTH, there))
                .toString();
    }

    private static String hex(ByteBuffer head) {
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < Math.min(4, head.remaining()); i++) {
            hex.append(String.format(Locale.ROOT, hex.isEmpty() ? "%02x" : " %02x", head.get(i)));
        }
        return hex.toString();
    }

    /** Says whether the first entry is one that export writes first. */
    public boolean isExported() {
        return isZip && (PT2.matcher(first).matches() || OLD.matcher(first).matches());
    }

    public void requireZip(Refusals refusals) throws ArchiveException {
        if (!isZip) {
            throw refusals.archive(
                    Rule.NOT_AN_ARCHIVE,
                    (shown.isEmpty() ? "is empty" : "starts with " + shown)
                            + ", expected 50 4b 03 04, a zip that torch.export.save wrote; was it copied whole, as a binary"
                            + " file?");
        }
    }
}
