package dev.cresset.mar.internal.zip;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.ArchiveFile;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads a zip's directory, which must be just what the record at the end says: nothing missing, nothing left. */
final class CentralDirectoryReader {
    private static final int HEADER = 0x02014b50;
    private static final int HEADER_LENGTH = 46;

    private final ByteBuffer directory;
    private final Refusals refusals;

    private CentralDirectoryReader(ByteBuffer directory, Refusals refusals) {
        this.directory = directory;
        this.refusals = refusals;
    }

    static List<ZipHeader> of(ArchiveFile file, EndOfCentralDirectory end, Refusals refusals)
            throws ArchiveException, IOException {
        return new CentralDirectoryReader(ZipBytes.read(file, end.directory(), (int) end.size()), refusals)
                .read(end.entries());
    }

    private List<ZipHeader> read(int count) throws ArchiveException {
        List<ZipHeader> headers = new ArrayList<>();
        while (headers.size() < count) {
            headers.add(next());
        }
        require(!directory.hasRemaining(), "lists more than the number of entries that its end tells");
        return headers;
    }

    private ZipHeader next() throws ArchiveException {
        require(directory.remaining() >= HEADER_LENGTH, "lists less than the number of entries that its end tells");
        ByteBuffer header = take(HEADER_LENGTH);
        require(header.getInt(0) == HEADER, "holds something else than entries");
        int nameLength = ZipBytes.u16(header, 28);
        int extraLength = ZipBytes.u16(header, 30);
        int commentLength = ZipBytes.u16(header, 32);
        require(directory.remaining() >= nameLength + extraLength + commentLength, "ends within an entry");
        String name = name(take(nameLength));
        ZipExtra extra = ZipExtra.of(take(extraLength), name, refusals);
        take(commentLength);
        require(ZipBytes.u16(header, 34) == 0, "lists entries in other parts of a zip of several");
        // The order is that of the format: a number is in the extra field when it is not in its place.
        long size = extra.wide(ZipBytes.u32(header, 24));
        long compressedSize = extra.wide(ZipBytes.u32(header, 20));
        return new ZipHeader(
                name,
                ZipBytes.u16(header, 8),
                ZipBytes.u16(header, 10),
                // Archivers say it whatever system they name as theirs.
                ZipBytes.u16(header, 40) & ZipEntryRules.FILE_TYPE,
                ZipBytes.u32(header, 16),
                compressedSize,
                size,
                extra.wide(ZipBytes.u32(header, 42)));
    }

    private ByteBuffer take(int length) {
        ByteBuffer taken = directory.slice(directory.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        directory.position(directory.position() + length);
        return taken;
    }

    private String name(ByteBuffer bytes) throws ArchiveException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.duplicate()).toString();
        } catch (CharacterCodingException e) {
            throw refusals.entry(
                    Rule.ENTRY_NAME,
                    StandardCharsets.UTF_8.decode(bytes).toString(),
                    "has a name that is not UTF-8; rename it and " + refusals.again(),
                    e);
        }
    }

    private void require(boolean right, String otherwise) throws ArchiveException {
        if (!right) {
            throw refusals.archive(
                    Rule.DAMAGED,
                    "has a directory that " + otherwise + "; the file is damaged or forged, copy or build it again");
        }
    }
}
