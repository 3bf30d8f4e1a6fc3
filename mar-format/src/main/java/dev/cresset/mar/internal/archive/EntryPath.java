package dev.cresset.mar.internal.archive;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An entry's name that means the same file on every system: relative, with forward slashes, without surprises.
 *
 * @param name the name as the archive has it; directories end in a slash
 */
public record EntryPath(String name) {
    /** The folder of what an archive says about itself, and the file in it. */
    public static final String MANIFEST_FOLDER = "MAR-INF";

    public static final String MANIFEST = MANIFEST_FOLDER + "/MANIFEST.json";

    /**
     * Names that Windows takes for devices, with any extension: <a
     * href="https://learn.microsoft.com/windows/win32/fileio/naming-a-file">Naming Files, Paths, and Namespaces</a>.
     */
    private static final Pattern DEVICE = Pattern.compile(
            "(con|prn|aux|nul|conin\\$|conout\\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\\..*)?",
            Pattern.CASE_INSENSITIVE);

    public static EntryPath of(String name, ArchiveLimits limits, Refusals refusals) throws ArchiveException {
        if (name.length() > limits.maxNameLength()) {
            throw refusals.entry(
                    Rule.LIMIT,
                    name,
                    "has a name of " + Refusals.number(name.length()) + " characters, more than "
                            + Refusals.number(limits.maxNameLength())
                            + "; raise ArchiveLimits.maxNameLength if you trust this file");
        }
        long depth = name.chars().filter(c -> c == '/').count();
        if (depth > limits.maxDepth()) {
            throw refusals.entry(
                    Rule.LIMIT,
                    name,
                    "lies " + Refusals.number(depth) + " folders deep, more than " + Refusals.number(limits.maxDepth())
                            + "; raise ArchiveLimits.maxDepth if you trust this file");
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
    public static boolean isPlainFileName(String text) {
        return text.indexOf('/') < 0 && problem(text).isEmpty();
    }

    public boolean isDirectory() {
        return name.endsWith("/");
    }

    /** Returns what the name becomes where case does not count and accents have one spelling. */
    public String folded() {
        // Accents apart from letters, for some of both have no upper form in one; upper case before lower, for some
        // letters have one
        // upper and several lower forms.
        return Normalizer.normalize(name, Normalizer.Form.NFD)
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
    }

    /** Says what a name has that it should not; empty when it is a plain relative path. */
    public static Optional<String> problem(String name) {
        if (name.isEmpty()) {
            return Optional.of("has no name");
        }
        if (name.chars().anyMatch(Character::isISOControl)) {
            return Optional.of("has a control character in its name");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            return Optional.of("has half of a character (a lone surrogate) in its name");
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
            if (DEVICE.matcher(part).matches()) {
                return Optional.of("has a part that is the name of a Windows device");
            }
        }
        return Optional.empty();
    }
}
