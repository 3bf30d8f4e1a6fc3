package dev.cresset.mar;

import dev.cresset.mar.internal.manifest.ManifestReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Writes unpacked archives: right ones, and with what no archiver puts there. For systems that know links and pipes.
 *
 * <p>Instances are not safe for use by several threads.
 */
final class HostileFolder {
    private final List<Part> parts = new ArrayList<>();

    @FunctionalInterface
    private interface Part {
        void in(Path folder) throws IOException;
    }

    /** A folder with a manifest that asks for no files. */
    static HostileFolder withManifest() {
        return withManifest(HostileZip.MANIFEST);
    }

    static HostileFolder withManifest(String json) {
        return new HostileFolder().file(ManifestReader.ENTRY, json);
    }

    HostileFolder file(String name, String content) {
        return add(folder -> Files.writeString(place(folder, name), content));
    }

    /** A file of zeros that takes no room on the disk. */
    HostileFolder sparse(String name, long size) {
        return add(folder -> {
            try (RandomAccessFile file =
                    new RandomAccessFile(place(folder, name).toFile(), "rw")) {
                file.setLength(size);
            }
        });
    }

    HostileFolder link(String name, String target) {
        return add(folder -> Files.createSymbolicLink(place(folder, name), Path.of(target)));
    }

    HostileFolder pipe(String name) {
        return add(folder -> {
            Process mkfifo = new ProcessBuilder("mkfifo", place(folder, name).toString()).start();
            try {
                if (mkfifo.waitFor() != 0) {
                    throw new IOException("mkfifo failed with " + mkfifo.exitValue());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        });
    }

    HostileFolder socket(String name) {
        return add(folder -> {
            try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                server.bind(UnixDomainSocketAddress.of(place(folder, name)));
            }
        });
    }

    private HostileFolder add(Part part) {
        parts.add(part);
        return this;
    }

    private static Path place(Path folder, String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        return file;
    }

    /** Writes the folder as {@code m}. */
    Path in(Path directory) throws IOException {
        Path folder = Files.createDirectory(directory.resolve("m"));
        for (Part part : parts) {
            part.in(folder);
        }
        return folder;
    }
}
