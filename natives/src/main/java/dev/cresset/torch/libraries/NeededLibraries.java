package dev.cresset.torch.libraries;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a library cannot be loaded without, told from its file and theirs before any of them is loaded.
 *
 * @param files those whose place is known and the library itself, each before those that need it: the linker finds what is
 *     there already by its name alone
 * @param byThemselves those of them that the linker finds, at first go, from where they are needed; they are left to it, for
 *     there are some that can be loaded only together with what needs them
 * @param elsewhere the names of the others, which the system may have
 */
record NeededLibraries(List<Path> files, Set<Path> byThemselves, Set<String> elsewhere) {

    NeededLibraries {
        files = List.copyOf(files);
        byThemselves = Set.copyOf(byThemselves);
        elsewhere = Set.copyOf(elsewhere);
    }

    /** Where libraries may lie. */
    interface Places {
        /** The library that calls itself so; empty if it is not here. */
        Optional<Path> find(String name) throws IOException;
    }

    /** Looks where the library says that its own are, and in the given places. */
    static NeededLibraries of(Path library, Places places) throws IOException {
        Walk walk = new Walk(places);
        walk.seen.add(String.valueOf(library.getFileName()));
        walk.add(library);
        return new NeededLibraries(List.copyOf(walk.files), walk.byThemselves, walk.elsewhere);
    }

    /** These, in this order, and nothing else. */
    static NeededLibraries of(List<Path> files) {
        return new NeededLibraries(files, Set.of(), Set.of());
    }

    /** What is to be loaded one by one. */
    List<Path> toOpen() {
        return files.stream().filter(file -> !byThemselves.contains(file)).toList();
    }

    /** From a library to those that it needs, to those that they need. */
    private static final class Walk {
        private final Places places;
        private final Set<String> seen = new HashSet<>();
        private final Set<Path> files = new LinkedHashSet<>();
        private final Set<Path> byThemselves = new HashSet<>();
        private final Set<String> elsewhere = new HashSet<>();

        Walk(Places places) {
            this.places = places;
        }

        void add(Path library) throws IOException {
            ElfFile file = ElfFile.read(library);
            for (String name : file.needed()) {
                if (seen.add(name)) {
                    find(file, name);
                }
            }
            files.add(library);
        }

        /** In the linker's order; but what a runpath says can be overruled by the environment, and is not to be. */
        private void find(ElfFile file, String name) throws IOException {
            Optional<Path> first = in(file.rpath(), name);
            if (first.isPresent()) {
                byThemselves.add(first.get());
                add(first.get());
                return;
            }
            Optional<Path> placed = places.find(name);
            Optional<Path> there = placed.isPresent() ? placed : in(file.runpath(), name);
            if (there.isPresent()) {
                add(there.get());
            } else {
                elsewhere.add(name);
            }
        }
    }

    /** The library of this name in the first of the folders that has it. */
    static Optional<Path> in(List<Path> folders, String name) {
        try {
            return folders.stream()
                    .map(folder -> folder.resolve(name).normalize())
                    .filter(Files::isRegularFile)
                    .findFirst();
        } catch (InvalidPathException e) {
            return Optional.empty(); // the locale has no such characters
        }
    }
}
