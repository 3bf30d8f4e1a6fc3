package dev.cresset.benchmarks;

import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Opening an archive and reading its manifest, against the size of the archive.
 *
 * <p>The weights are random, so that deflating does not shrink them; the file lies in the system's cache.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init")
public class OpenArchiveBenchmark {
    private static final String MANIFEST = "MAR-INF/MANIFEST.json";

    /** How large the weights in the archive are. */
    @Param({"1", "10", "100"})
    public int megabytes;

    private Path archive;

    /** Writes the archive, the manifest last, as torch-model-archiver does. */
    @Setup
    public void write() throws IOException {
        archive = Files.createTempFile("cresset", ".mar");
        byte[] megabyte = new byte[1 << 20];
        Random random = new Random(1);
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            zip.putNextEntry(new ZipEntry("model.pt"));
            for (int i = 0; i < megabytes; i++) {
                random.nextBytes(megabyte);
                zip.write(megabyte);
            }
            zip.putNextEntry(new ZipEntry(MANIFEST));
            zip.write("""
                    {"runtime": "python", "model": {"modelName": "m", "modelVersion": "1", "serializedFile": "model.pt"}}""".getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Deletes it. */
    @TearDown
    public void delete() throws IOException {
        Files.delete(archive);
    }

    /** Names, sizes, headers and manifest checked. */
    @Benchmark
    public String cresset() throws IOException {
        try (ModelArchive opened = ModelArchive.open(archive)) {
            return opened.manifest().model().modelName();
        }
    }

    /** The same, and a digest of the file: what is not done unless asked for. */
    @Benchmark
    public String cressetWithSha256() throws IOException {
        try (ModelArchive opened = ModelArchive.open(archive)) {
            return opened.manifest().model().modelName() + opened.sha256();
        }
    }

    /** The JDK's reader by the directory at the end; nothing is checked, the JSON is not parsed. */
    @Benchmark
    public byte[] zipFile() throws IOException {
        try (ZipFile zip = new ZipFile(archive.toFile());
                InputStream manifest = zip.getInputStream(Objects.requireNonNull(zip.getEntry(MANIFEST)))) {
            return manifest.readAllBytes();
        }
    }

    /** The JDK's reader from the start on, which is how TorchServe's front end reads. */
    @Benchmark
    public byte[] zipInputStream() throws IOException {
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().equals(MANIFEST)) {
                    return zip.readAllBytes();
                }
            }
        }
        throw new IllegalStateException("the archive has no " + MANIFEST);
    }
}
