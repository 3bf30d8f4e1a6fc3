package dev.cresset.torch.libraries;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Folders where libraries may lie, each looked over once: that reads the system's table of mounts. Used by one thread. */
final class UnpackFolders {

    private final List<UnpackFolder> folders;
    /** By its path: of a record, the JVM makes the code of hashCode when it first runs, which takes 10 ms. */
    private final Map<Path, Boolean> lookedOver = new HashMap<>();

    private UnpackFolders(List<UnpackFolder> folders) {
        this.folders = folders;
    }

    /** All that there may be, as they are now. */
    static UnpackFolders all() {
        return new UnpackFolders(UnpackFolder.all());
    }

    /** One alone. */
    static UnpackFolders of(UnpackFolder folder) {
        return new UnpackFolders(List.of(folder));
    }

    /** In the order in which they are looked into. */
    List<UnpackFolder> inOrder() {
        return folders;
    }

    /** Whether libraries in it can be loaded, and are what the user put there. */
    boolean mayBeLoadedFrom(UnpackFolder folder) {
        return lookedOver.computeIfAbsent(folder.path(), path -> folder.mayBeLoadedFrom());
    }
}
