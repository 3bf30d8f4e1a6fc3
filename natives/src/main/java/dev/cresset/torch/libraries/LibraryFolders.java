package dev.cresset.torch.libraries;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Folders where libraries may lie, each looked over once: that reads the system's table of mounts. Used by one thread. */
final class LibraryFolders {

    private final List<LibraryFolder> folders;
    /** By its path: of a record, the JVM makes the code of hashCode when it first runs, which takes 10 ms. */
    private final Map<Path, Boolean> lookedOver = new HashMap<>();

    private LibraryFolders(List<LibraryFolder> folders) {
        this.folders = folders;
    }

    /** All that there may be, as they are now. */
    static LibraryFolders all() {
        return new LibraryFolders(LibraryFolder.all());
    }

    /** One alone. */
    static LibraryFolders of(LibraryFolder folder) {
        return new LibraryFolders(List.of(folder));
    }

    /** In the order in which they are looked into. */
    List<LibraryFolder> inOrder() {
        return folders;
    }

    /** Whether libraries in it can be loaded, and are what the user put there. */
    boolean mayBeLoadedFrom(LibraryFolder folder) {
        return lookedOver.computeIfAbsent(folder.path(), path -> folder.mayBeLoadedFrom());
    }
}
