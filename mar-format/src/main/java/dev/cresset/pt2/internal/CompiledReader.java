package dev.cresset.pt2.internal;

import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.internal.zip.ZipContents;
import dev.cresset.pt2.CompiledModel;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads what a package notes of the code in it. */
public final class CompiledReader {
    private static final String METADATA = "_metadata.json";

    /** More than any writer notes. */
    private static final int LARGEST = 1 << 20;

    private CompiledReader() {}

    /**
     * Reads the notes of one model.
     *
     * @param folder the model's, with a slash
     */
    public static CompiledModel read(String name, String folder, ZipContents contents, ArchiveLimits limits)
            throws IOException {
        Map<String, Long> files = new LinkedHashMap<>();
        for (String entry : contents.names()) {
            if (entry.startsWith(folder)) {
                files.put(entry.substring(folder.length()), contents.size(entry));
            }
        }
        CompiledModel bare = new CompiledModel(name, Map.of(), files);
        // That of the library, where each of its parts has one.
        Optional<String> notes = bare.library()
                .map(library -> library.substring(0, library.lastIndexOf('.')) + METADATA)
                .filter(files::containsKey)
                .or(() -> files.keySet().stream()
                        .filter(file -> file.endsWith(METADATA))
                        .findFirst());
        return notes.isEmpty()
                ? bare
                : new CompiledModel(name, metadata(folder + notes.get(), contents, limits), files);
    }

    private static Map<String, String> metadata(String entry, ZipContents contents, ArchiveLimits limits)
            throws IOException {
        JsonReading reading = new JsonReading(entry, limits, contents.refusals);
        if (contents.size(entry) > LARGEST) {
            throw reading.syntax("is larger than " + LARGEST + " bytes, too large for notes");
        }
        Object value = reading.read(contents.read(entry), parser -> {
            Object read = PlainJson.read(parser, reading);
            return read == null ? "null" : read;
        });
        if (!(value instanceof Map<?, ?> map)) {
            throw reading.syntax("is no list of names and values");
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        for (Map.Entry<?, ?> one : map.entrySet()) {
            if (!(one.getValue() instanceof String text)) {
                throw reading.syntax("has a value that is no text");
            }
            metadata.put(String.valueOf(one.getKey()), text);
        }
        return metadata;
    }
}
