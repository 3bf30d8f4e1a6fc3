package dev.cresset.pt2.internal;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.mar.internal.zip.ZipContents;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Which of a {@code .pt2}'s entries is what. All are in one folder, named after the file that was written first.
 *
 * @param top the folder, with its slash
 */
public record Pt2Entries(String top, Set<String> names) {
    private static final String MODELS = "models/";
    private static final String COMPILED = "data/aotinductor/";
    public static final String WEIGHTS = "data/weights/";
    public static final String CONSTANTS = "data/constants/";
    private static final String FORMAT = "archive_format";
    private static final String JSON = ".json";

    /** What torch up to 2.7 wrote, at the root of the zip. */
    private static final String OLD = "serialized_exported_program.json";

    /** Finds the folder; refuses what is something else than an archive of programs. */
    public static Pt2Entries of(ZipContents contents) throws ArchiveException {
        Set<String> names = contents.names();
        Refusals refusals = contents.refusals;
        if (names.contains(OLD)) {
            throw refusals.archive(
                    Rule.PROGRAM_VERSION,
                    "holds a program of torch 2.7 or older, with pickled weights, and nothing is unpickled here; export"
                            + " the model again, with torch 2.9 or newer");
        }
        String first = names.iterator().hasNext() ? names.iterator().next() : "";
        String top = first.substring(0, first.indexOf('/') + 1);
        Pt2Entries entries = new Pt2Entries(top, names);
        if (!top.isEmpty()
                && (names.contains(top + FORMAT) || !entries.compiled().isEmpty())) {
            entries.requireOneFolder(refusals);
            return entries;
        }
        throw refusals.archive(Rule.NOT_AN_ARCHIVE, entries.description() + ", expected one of torch.export.save");
    }

    /** Programs differ in what they make of others. */
    private void requireOneFolder(Refusals refusals) throws ArchiveException {
        for (String name : names) {
            if (!name.startsWith(top)) {
                throw refusals.entry(
                        Rule.ENTRY_NAME,
                        name,
                        "lies outside of " + Refusals.quoted(top) + ", the folder of the first entry; "
                                + refusals.again());
            }
        }
    }

    private String description() {
        if (names.contains(top + "constants.pkl")) {
            return "is a TorchScript file, one of torch.jit.save";
        }
        if (names.contains(top + "data.pkl")) {
            return "is a pickled file, one of torch.save";
        }
        return "is a zip without " + Refusals.quoted(FORMAT) + " in the folder of its first entry";
    }

    /** Returns the programs' names, in the archive's order. */
    public Set<String> programs() {
        Set<String> programs = new LinkedHashSet<>();
        for (String name : names) {
            if (name.startsWith(top + MODELS) && name.endsWith(JSON)) {
                programs.add(name.substring(top.length() + MODELS.length(), name.length() - JSON.length()));
            }
        }
        return programs;
    }

    /** Returns the names of the models that are compiled. */
    public Set<String> compiled() {
        Set<String> compiled = new LinkedHashSet<>();
        for (String name : names) {
            if (name.startsWith(top + COMPILED)) {
                String rest = name.substring(top.length() + COMPILED.length());
                int end = rest.indexOf('/');
                compiled.add(end < 0 ? rest : rest.substring(0, end));
            }
        }
        return compiled;
    }

    /** Returns the folder of a compiled model, with its slash. */
    public String compiled(String name) {
        return top + COMPILED + name + "/";
    }

    public String program(String name) {
        return top + MODELS + name + JSON;
    }

    /** Returns the list of a program's weights or constants; empty when there is none. */
    public Optional<String> config(String folder, String program) {
        String kind = folder.equals(WEIGHTS) ? "_weights_config.json" : "_constants_config.json";
        return Optional.of(top + folder + program + kind).filter(names::contains);
    }

    /** Says whether the weights or the constants of a program are one pickle, as torch 2.8 wrote them. */
    public boolean isPickled(String folder, String program) {
        return names.contains(top + folder + program + ".pt");
    }
}
