package dev.cresset.spring.boot;

import dev.cresset.spring.boot.ModelOpeningException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;
import org.springframework.util.FileSystemUtils;

/**
 * Where properties say that a model is. A plain path is one of the file system; what lies inside a jar is copied to a folder of its
 * own for as long as it is opened, for a model needs its file no more after that.
 */
record ModelLocation(String property, String location, ResourceLoader resources) {

    /** Does something with the file. */
    interface Use<T> {
        T with(Path file) throws IOException;
    }

    <T> T use(Use<T> use) throws IOException {
        if (!isUrl()) {
            return use.with(existing(path(location)));
        }
        Resource resource = resource();
        if (resource.isFile()) {
            return use.with(existing(resource.getFile().toPath()));
        }
        Path folder = Files.createTempDirectory("cresset-model-");
        try {
            return use.with(copy(resource, folder));
        } finally {
            FileSystemUtils.deleteRecursively(folder);
        }
    }

    /** A folder that stays where it is. */
    Path folder() throws IOException {
        Path folder = isUrl() && resource().isFile() ? resource().getFile().toPath() : path(location);
        if (!Files.isDirectory(folder)) {
            throw missing("there is no folder " + folder.toAbsolutePath());
        }
        return folder;
    }

    byte[] bytes() throws IOException {
        return use(Files::readAllBytes);
    }

    /** Letters and a colon; more than one, for a letter alone is a drive. */
    private boolean isUrl() {
        return location.indexOf(':') > 1;
    }

    private Resource resource() {
        if (!location.startsWith("file:") && !location.startsWith("classpath:")) {
            throw new ModelOpeningException(
                    Kind.LOCATION,
                    property,
                    "'" + location + "' is neither a path nor begins with file: or classpath:");
        }
        return resources.getResource(location);
    }

    private Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new ModelOpeningException(Kind.LOCATION, property, "'" + text + "' is no path: " + e.getMessage(), e);
        }
    }

    private Path existing(Path file) {
        if (!Files.exists(file)) {
            throw missing("there is no file " + file.toAbsolutePath());
        }
        return file;
    }

    private Path copy(Resource resource, Path folder) throws IOException {
        if (!resource.exists()) {
            throw missing("there is no " + location.substring("classpath:".length()) + " on the class path");
        }
        String name = resource.getFilename();
        Path file = folder.resolve(name == null ? "model" : name);
        try (InputStream bytes = resource.getInputStream()) {
            Files.copy(bytes, file);
        }
        return file;
    }

    private ModelOpeningException missing(String sentence) {
        return new ModelOpeningException(Kind.LOCATION, property, sentence);
    }
}
