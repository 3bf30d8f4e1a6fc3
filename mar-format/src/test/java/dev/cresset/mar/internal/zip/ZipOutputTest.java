package dev.cresset.mar.internal.zip;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Zips for readers that start at their end, and for those that start at their start, as TorchServe does. */
class ZipOutputTest {
    private static final Instant TIME = Instant.parse("2024-05-06T07:08:10Z");

    @TempDir
    Path directory;

    private Path zip(boolean deflate, List<byte[]> contents) throws IOException {
        Path file = directory.resolve("out.zip");
        try (ZipOutput zip = ZipOutput.open(file, deflate, ZoneOffset.UTC)) {
            for (int i = 0; i < contents.size(); i++) {
                byte[] content = contents.get(i);
                zip.add("größe-" + i, content.length, TIME, new ByteArrayInputStream(content));
            }
            zip.finish();
        }
        return file;
    }

    private static List<byte[]> contents() {
        long seed = new Random().nextLong();
        System.out.println("ZipOutputTest seed " + seed);
        byte[] noise = new byte[300_000];
        new Random(seed).nextBytes(noise);
        return List.of(new byte[0], new byte[] {7}, noise, new byte[300_000]);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void add_readFromItsStart(boolean deflate) throws IOException {
        List<byte[]> contents = contents();

        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(zip(deflate, contents)))) {
            for (int i = 0; i < contents.size(); i++) {
                ZipEntry entry = zip.getNextEntry();
                assertThat(entry.getName()).isEqualTo("größe-" + i);
                // Known before the content is read: TorchServe makes room by it.
                assertThat(entry.getSize()).isEqualTo(contents.get(i).length);
                assertThat(zip.readAllBytes()).isEqualTo(contents.get(i));
            }
            assertThat(zip.getNextEntry()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void add_readFromItsEnd(boolean deflate) throws IOException {
        List<byte[]> contents = contents();

        try (ZipFile zip = new ZipFile(zip(deflate, contents).toFile())) {
            assertThat(zip.size()).isEqualTo(contents.size());
            for (int i = 0; i < contents.size(); i++) {
                ZipEntry entry = zip.getEntry("größe-" + i);
                assertThat(entry.getMethod()).isEqualTo(deflate ? ZipEntry.DEFLATED : ZipEntry.STORED);
                assertThat(zip.getInputStream(entry).readAllBytes()).isEqualTo(contents.get(i));
            }
        }
    }

    @Test
    void add_leavesNoSizesBehindTheContent() throws IOException {
        ByteBuffer zip = ByteBuffer.wrap(Files.readAllBytes(zip(/* deflate= */ true, List.of(new byte[9]))))
                .order(ByteOrder.LITTLE_ENDIAN);

        assertThat(zip.getShort(6)).as("flags").isEqualTo((short) (1 << 11));
    }

    /** One more than the number of entries that a zip can count without ZIP64. */
    @Test
    void add_moreThan65535Entries() throws IOException {
        List<byte[]> contents = new ArrayList<>();
        for (int i = 0; i < 65_536; i++) {
            contents.add(new byte[0]);
        }
        Path file = zip(/* deflate= */ false, contents);

        try (ZipFile zip = new ZipFile(file.toFile())) {
            assertThat(zip.size()).isEqualTo(65_536);
        }
    }
}
