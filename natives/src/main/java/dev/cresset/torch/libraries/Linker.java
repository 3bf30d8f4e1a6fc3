package dev.cresset.torch.libraries;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The system's linker, which loads a library for the whole process and for good. {@link System#load} would tie it to one
 * class loader and unload it with that, under the threads and registries of LibTorch; so only this class's own library,
 * which needs and keeps nothing, is loaded that way ({@code src/main/linker}). Safe for use by several threads.
 */
public final class Linker {

    /** In which the system's functions take names. */
    private static final Charset NAMES = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    /** What glibc says behind the name of a library that it does not find. */
    private static final String NOWHERE = ": cannot open shared object file: No such file or directory";

    private Linker() {}

    /** Loads the linker's own library, for this class loader. */
    static void load(Path library) {
        try {
            System.load(library.toString());
        } catch (UnsatisfiedLinkError e) {
            // Another class loader has this very file; or it cannot be loaded at all, and a copy of it neither.
            loadCopy(library, e);
        }
    }

    private static void loadCopy(Path library, UnsatisfiedLinkError why) {
        try {
            Path copy = temporary(library);
            try {
                Files.copy(library, copy, StandardCopyOption.REPLACE_EXISTING);
                System.load(copy.toString());
            } finally {
                Files.deleteIfExists(copy); // what is loaded stays loaded
            }
        } catch (UnsatisfiedLinkError e) {
            why.addSuppressed(e);
            throw why;
        } catch (IOException e) {
            why.addSuppressed(e);
            throw why;
        }
    }

    /** Beside the library, where libraries can be loaded from; elsewhere if nothing can be written there. */
    private static Path temporary(Path library) throws IOException {
        try {
            return Files.createTempFile(library.toAbsolutePath().getParent(), "cresset", ".so");
        } catch (IOException e) {
            return Files.createTempFile("cresset", ".so");
        }
    }

    /** Where the library that calls itself so was loaded from, by whomever; empty if it is not in this process. */
    public static Optional<Path> find(String soname) {
        byte[] path = find(soname.getBytes(StandardCharsets.US_ASCII));
        return path == null ? Optional.empty() : Optional.of(Path.of(new String(path, NAMES)));
    }

    /** Loads a library for good, unless it is there already. */
    static void open(Path file) {
        refuse(open(file.toAbsolutePath().toString().getBytes(NAMES)));
    }

    /**
     * Loads a library for good that the system finds by its name, unless it is there already.
     *
     * @return why it cannot be loaded, beginning with its name, and the name alone if it is nowhere; empty if it was loaded
     */
    static Optional<String> openByName(String soname) {
        byte[] wrong = open(soname.getBytes(StandardCharsets.US_ASCII));
        return Optional.ofNullable(wrong).map(said -> new String(said, NAMES).replace(NOWHERE, ""));
    }

    /** Binds the native methods of a class to the bridge of this name, which has been opened. */
    public static void bind(String soname, Class<?> natives) {
        refuse(bind(soname.getBytes(StandardCharsets.US_ASCII), natives));
    }

    private static void refuse(byte @Nullable [] wrong) {
        if (wrong != null) {
            throw new UnsatisfiedLinkError(new String(wrong, NAMES));
        }
    }

    /** The digest of the source that the library was built from. */
    public static native String sourceDigest();

    private static native byte @Nullable [] find(byte[] soname);

    private static native byte @Nullable [] open(byte[] file);

    private static native byte @Nullable [] bind(byte[] soname, Class<?> natives);
}
