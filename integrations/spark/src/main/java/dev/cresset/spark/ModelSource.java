package dev.cresset.spark;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkFiles;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * A model's file ({@code .mar}, {@code .pt}, {@code .pt2}), and how it reaches the executors. The driver reads it once, when the
 * source is made, and takes its SHA-256: executors refuse a file that is another one, and open one model for all sources of
 * the same bytes.
 *
 * <p>Immutable, safe for use by several threads; travels to executors.
 */
public final class ModelSource implements Serializable {
    private static final long serialVersionUID = 1;

    /** An array has no room for more. */
    private static final long LARGEST_BROADCAST = Integer.MAX_VALUE - 8;

    private final Delivery delivery;
    private final String location;
    private final String name;
    private final String sha256;
    private final @Nullable Broadcast<byte[]> bytes;

    private ModelSource(Delivery delivery, String location, String sha256, @Nullable Broadcast<byte[]> bytes) {
        this.delivery = delivery;
        this.location = location;
        this.name = new Path(location).getName();
        this.sha256 = sha256;
        this.bytes = bytes;
    }

    /**
     * The driver reads the file and Spark's broadcast takes its bytes to the executors: nothing has to be set up anywhere. The
     * bytes stay in the executors' storage memory for as long as the session lives. Files of up to 2 GiB.
     *
     * @param uri what Spark takes for a path: of any of Hadoop's file systems; without a scheme, of the default one
     * @throws UncheckedIOException if there is no such file, or it cannot be read
     * @throws IllegalArgumentException if it is too large
     */
    public static ModelSource broadcast(SparkSession spark, String uri) {
        requireNonNull(spark, "spark");
        try {
            Path path = new Path(requireNonNull(uri, "uri"));
            FileSystem files = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
            long length = lengthOf(files, path);
            if (length > LARGEST_BROADCAST) {
                throw new IllegalArgumentException(uri + " has " + length + " bytes, and a broadcast takes "
                        + LARGEST_BROADCAST + "; put it where all executors see it and use ModelSource.path");
            }
            byte[] read;
            try (InputStream in = files.open(path)) {
                read = in.readAllBytes();
            }
            JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
            return new ModelSource(Delivery.BROADCAST, uri, Digest.of(read), context.broadcast(read));
        } catch (IOException e) {
            throw unreadable(uri, e);
        }
    }

    /**
     * A file that driver and executors see at the same place: on a shared disk, in the machines' image, or on one of Hadoop's
     * file systems, from which each executor fetches it.
     *
     * @param uri what Spark takes for a path; without a scheme, of the default file system
     * @throws UncheckedIOException if there is no such file, or it cannot be read
     */
    public static ModelSource path(String uri) {
        return digested(Delivery.PATH, requireNonNull(uri, "uri"));
    }

    /**
     * A file that Spark has taken to the executors before they started: {@code spark.files}, or {@code --files} of {@code
     * spark-submit}. What {@code SparkContext.addFile} adds later does not reach the tasks of datasets in Spark 4.2.
     *
     * @param name the file's name, without folders
     * @throws UncheckedIOException if there is no such file, or it cannot be read
     */
    public static ModelSource sparkFile(String name) {
        return digested(Delivery.SPARK_FILE, requireNonNull(name, "name"));
    }

    static ModelSource of(Delivery delivery, SparkSession spark, String location) {
        return switch (delivery) {
            case BROADCAST -> broadcast(spark, location);
            case PATH -> path(location);
            case SPARK_FILE -> sparkFile(location);
        };
    }

    private static ModelSource digested(Delivery delivery, String location) {
        ModelSource unchecked = new ModelSource(delivery, location, "", null);
        try (LocalFile file = unchecked.fetch()) {
            return new ModelSource(delivery, location, Digest.of(file.path()), null);
        } catch (IOException e) {
            throw unreadable(location, e);
        }
    }

    /** The file's name. */
    public String name() {
        return name;
    }

    /** The SHA-256 of the file's bytes, in hexadecimal. */
    public String sha256() {
        return sha256;
    }

    /**
     * The file on this machine.
     *
     * @throws IOException if it is not to be had, or is not the one that the driver saw
     */
    LocalFile open() throws IOException {
        LocalFile file = fetch();
        boolean success = false;
        try {
            String found = bytes == null ? Digest.of(file.path()) : sha256; // a broadcast is what was sent
            if (!found.equals(sha256)) {
                throw new IOException(location + " is not the file that the driver saw: its SHA-256 is " + found
                        + ", expected " + sha256 + "; put the same file on all machines");
            }
            success = true;
            return file;
        } finally {
            if (!success) {
                file.close();
            }
        }
    }

    private LocalFile fetch() throws IOException {
        if (bytes != null) {
            return LocalFile.copyOf(name, target -> Files.write(target, bytes.value()));
        }
        if (delivery == Delivery.SPARK_FILE) {
            java.nio.file.Path file = java.nio.file.Path.of(SparkFiles.get(location));
            if (!Files.isRegularFile(file)) {
                throw new IOException("Spark has no file " + location
                        + " here; name it in spark.files, or with --files, before the session starts");
            }
            return LocalFile.inPlace(file);
        }
        Path path = new Path(location);
        FileSystem files = path.getFileSystem(configuration());
        lengthOf(files, path);
        URI uri = files.makeQualified(path).toUri();
        if ("file".equals(uri.getScheme())) {
            return LocalFile.inPlace(java.nio.file.Path.of(uri.getPath()));
        }
        return LocalFile.copyOf(name, target -> {
            try (InputStream in = files.open(path)) {
                Files.copy(in, target);
            }
        });
    }

    private static long lengthOf(FileSystem files, Path path) throws IOException {
        var status = files.getFileStatus(path);
        if (!status.isFile()) {
            throw new IOException(path + " is a folder; pack it as a .mar file");
        }
        return status.getLen();
    }

    /** With the application's {@code spark.hadoop.} settings. */
    private static Configuration configuration() {
        SparkEnv environment = SparkEnv.get();
        SparkHadoopUtil hadoop = SparkHadoopUtil.get();
        return environment == null ? hadoop.conf() : hadoop.newConfiguration(environment.conf());
    }

    private static UncheckedIOException unreadable(String location, IOException e) {
        return new UncheckedIOException("cannot read the model " + location + ": " + e.getMessage(), e);
    }

    @Override
    public String toString() {
        return name + " (" + delivery.text() + ")";
    }
}
