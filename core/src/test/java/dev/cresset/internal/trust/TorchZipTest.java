package dev.cresset.internal.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.ModelLoadException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code torch.jit.save} writes, held to its checksums: in a file and in memory. */
class TorchZipTest {

    private static final int DIRECTORY = 0x02014b50;

    private byte[] saved = {};

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @BeforeEach
    void read() throws IOException {
        saved = Files.readAllBytes(Path.of(System.getProperty("cresset.fixtures"), "risk", "risk.pt"));
    }

    private void check(byte[] file) throws IOException {
        ByteBuffer memory = ByteBuffer.allocateDirect(file.length + 8);
        memory.position(8).put(file).position(8);
        TorchZip.check("m.pt", memory, TorchZip.Reader.NONE);
        TorchZip.check("m.pt", Files.write(folder.resolve("m.pt"), file), TorchZip.Reader.NONE);
    }

    private void assertRefused(byte[] file, String why) {
        assertThatThrownBy(() -> check(file))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageStartingWith("cannot load m.pt: ")
                .hasMessageContaining(why)
                .hasMessageEndingWith("; the file is damaged or cut short, copy or save it again");
    }

    private int find(String text) {
        return new String(saved, StandardCharsets.ISO_8859_1).indexOf(text);
    }

    @Test
    void check_ofAWholeFile_isNothing() {
        assertThatCode(() -> check(saved)).doesNotThrowAnyException();
    }

    @Test
    void check_ofWhatIsNoZip_isLeftToTheEngine() {
        assertThatCode(() -> check("contract".getBytes(StandardCharsets.UTF_8))).doesNotThrowAnyException();
        assertThatCode(() -> check(new byte[0])).doesNotThrowAnyException();
    }

    private int firstWeight() {
        ByteBuffer zip = ByteBuffer.wrap(saved).order(ByteOrder.LITTLE_ENDIAN);
        int start = new String(saved, StandardCharsets.ISO_8859_1).lastIndexOf("PK\3\4", find("/data/0"));
        return start + 30 + zip.getShort(start + 26) + zip.getShort(start + 28);
    }

    @Test
    void check_ofAFlippedWeight_namesTheEntry() {
        saved[firstWeight() + 1] ^= 16;

        assertRefused(saved, "/data/0' has checksum ");
    }

    private static void assertEnds(Thread thread) throws InterruptedException {
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
    }

    /** Weights of many bytes are summed on another thread. */
    @Test
    void check_ofAFlippedWeightAmongMany_namesTheEntry() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] weights = new byte[3 << 20];
        Arrays.fill(weights, (byte) 7);
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String name : List.of("m/data.pkl", "m/data/0", "m/data/1")) {
                ZipEntry entry = new ZipEntry(name);
                CRC32 sum = new CRC32();
                sum.update(weights);
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(weights.length);
                entry.setCrc(sum.getValue());
                zip.putNextEntry(entry);
                zip.write(weights);
            }
        }
        saved = bytes.toByteArray();
        assertThatCode(() -> check(saved)).doesNotThrowAnyException();
        saved[find("m/data/1") + 1000] ^= 16;

        assertRefused(saved, "its entry 'm/data/1' has checksum ");
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().equals("cresset-checksums"))
                .allSatisfy(TorchZipTest::assertEnds);
    }

    @Test
    void check_ofEveryCut_isRefused() {
        for (int length = 30; length < saved.length; length += 97) {
            assertRefused(Arrays.copyOf(saved, length), "");
        }
        assertRefused(Arrays.copyOf(saved, saved.length - 1), "");
    }

    /** Whatever a bit stands for: an exception of another kind would be a fault of the reader. */
    @Test
    void check_ofFlippedBits_isRefusedOrNothing() throws IOException {
        for (int at = 0; at < saved.length; at += 7) {
            byte[] flipped = saved.clone();
            flipped[at] ^= (byte) (1 << at % 8);
            try {
                TorchZip.check("m.pt", ByteBuffer.wrap(flipped), TorchZip.Reader.NONE);
            } catch (ModelLoadException e) {
                // As it should be.
            }
        }
    }

    /** As PyTorch writes files when it is told to leave checksums out. */
    private void leaveChecksumsOut() {
        ByteBuffer zip = ByteBuffer.wrap(saved).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < saved.length - 46; at++) {
            if (zip.getInt(at) == DIRECTORY) {
                zip.putInt(at + 16, 0);
            }
        }
    }

    @Test
    void check_ofAFileWithoutChecksums_isNothing() {
        leaveChecksumsOut();

        assertThatCode(() -> check(saved)).doesNotThrowAnyException();
    }

    private Optional<String> fingerprint() {
        return TorchZip.check("m.pt", ByteBuffer.wrap(saved), TorchZip.Reader.NONE);
    }

    /** Or a model would be computed as another one was, with the same names and sizes. */
    @Test
    void check_ofOtherWeights_givesAnotherFingerprint_evenWithoutChecksums() {
        leaveChecksumsOut();
        Optional<String> before = fingerprint();
        assertThat(before).isPresent().isEqualTo(fingerprint());

        saved[firstWeight() + 1] ^= 16;
        assertThat(fingerprint()).isPresent().isNotEqualTo(before);
    }

    @Test
    void check_ofWhatIsNoZip_givesNoFingerprint() {
        saved = "contract".getBytes(StandardCharsets.UTF_8);

        assertThat(fingerprint()).isEmpty();
    }

    @Test
    void check_ofADirectoryThatLacksAnEntry_isRefused() {
        ByteBuffer zip = ByteBuffer.wrap(saved).order(ByteOrder.LITTLE_ENDIAN);
        int end = new String(saved, StandardCharsets.ISO_8859_1).lastIndexOf("PK\5\6");
        zip.putShort(end + 10, (short) (zip.getShort(end + 10) - 1));
        int end64 = new String(saved, StandardCharsets.ISO_8859_1).lastIndexOf("PK\6\6");
        if (end64 >= 0) {
            zip.putLong(end64 + 32, zip.getLong(end64 + 32) - 1);
        }

        assertRefused(saved, "its zip's directory has ");
    }
}
