package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;

/**
 * An entry's name that means the same file on every system: relative, with forward slashes, without surprises.
 *
 * <p>Device names of Windows ({@code aux.py}) are let through: nothing is unpacked here, and elsewhere they are fair names.
 *
 * @param name the name as the archive has it; directories end in a slash
 */
record EntryPath(String name) {

    static EntryPath of(String name, ArchiveLimits limits, Refusals refusals) throws ArchiveException {
        if (name.length() > limits.maxNameLength()) {
            throw refusals.entry(
                    Rule.LIMIT,
                    name,
                    "has a name of " + Refusals.number(name.length()) + " characters, more than "
                            + Refusals.number(limits.maxNameLength())
                            + "; raise ArchiveLimits.maxNameLength if you trust this file");
        }
        Optional<String> problem = problem(name);
        if (problem.isPresent()) {
            throw refusals.entry(
                    Rule.ENTRY_NAME,
                    name,
                    problem.get() + "; expected a plain relative path such as 'code/model.py', do not use this file if"
                            + " you do not know who made it");
        }
        return new EntryPath(name);
    }

    /** Says whether the text is the name of a file at the root of an archive. */
    static boolean isPlainFileName(String text) {
        return text.indexOf('/') < 0 && problem(text).isEmpty();
    }

    boolean isDirectory() {
        return name.endsWith("/");
    }

    /** Returns what the name becomes where case does not count and accents have one spelling. */
    String folded() {
        // Upper case first: some letters have one upper and several lower forms.
        return Normalizer.normalize(name, Normalizer.Form.NFC)
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
    }

    private static Optional<String> problem(String name) {
        if (name.isEmpty()) {
            return Optional.of("has no name");
        }
        if (name.chars().anyMatch(Character::isISOControl)) {
            return Optional.of("has a control character in its name");
        }
        if (name.indexOf('\\') >= 0) {
            return Optional.of("has a backslash in its name");
        }
        if (name.indexOf(':') >= 0) {
            return Optional.of("has a colon in its name (a drive or a stream)");
        }
        if (name.startsWith("/")) {
            return Optional.of("is an absolute path");
        }
        for (String part : (name.endsWith("/") ? name.substring(0, name.length() - 1) : name).split("/", -1)) {
            if (part.equals("..")) {
                return Optional.of("climbs out of the archive with '..'");
            }
            if (part.isEmpty() || part.equals(".")) {
                return Optional.of("has an empty or '.' part in its name");
            }
            if (part.endsWith(".") || part.endsWith(" ")) {
                return Optional.of("has a part that ends in a dot or a space in its name");
            }
        }
        return Optional.empty();
    }
}
