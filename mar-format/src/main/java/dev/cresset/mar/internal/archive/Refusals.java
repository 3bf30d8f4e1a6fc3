package dev.cresset.mar.internal.archive;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Words the exceptions of one archive, so that each starts with the archive's name and none carries raw input. */
public final class Refusals {
    private static final int LONGEST_QUOTE = 120;
    private static final int LONGEST_LIST = 10;

    private final Path path;
    private final String again;

    /** For model archives. */
    public Refusals(Path path) {
        this(path, "pack it again with torch-model-archiver");
    }

    /**
     * For other files.
     *
     * @param again how such a file is made: what somebody has to do whose file is not as it should be
     */
    public Refusals(Path path, String again) {
        this.path = path;
        this.again = again;
    }

    /** Says how such a file is made anew. */
    public String again() {
        return again;
    }

    public String fileName() {
        Path name = path.getFileName();
        return name == null ? path.toString() : name.toString();
    }

    /** Returns the archive's file name, fit to print. */
    public String archiveName() {
        return printable(fileName());
    }

    public ArchiveException archive(Rule rule, String sentence) {
        return archive(rule, sentence, /* cause= */ null);
    }

    public ArchiveException archive(Rule rule, String sentence, @Nullable Throwable cause) {
        return new ArchiveException(
                rule, path.toString(), /* entry= */ Optional.empty(), archiveName() + ": " + sentence, cause);
    }

    public ArchiveException entry(Rule rule, String entry, String sentence) {
        return entry(rule, entry, sentence, /* cause= */ null);
    }

    public ArchiveException entry(Rule rule, String entry, String sentence, @Nullable Throwable cause) {
        String message = archiveName() + ": entry " + quoted(entry) + " " + sentence;
        return new ArchiveException(rule, path.toString(), Optional.of(entry), message, cause);
    }

    /** Refuses what the manifest says; the sentence starts after the archive's name. */
    public ArchiveException manifest(Rule rule, String sentence) {
        return manifest(rule, sentence, /* cause= */ null);
    }

    public ArchiveException manifest(Rule rule, String sentence, @Nullable Throwable cause) {
        return new ArchiveException(
                rule, path.toString(), Optional.of(EntryPath.MANIFEST), archiveName() + ": " + sentence, cause);
    }

    public IllegalStateException closed() {
        return new IllegalStateException(
                archiveName() + ": the archive is closed; read what you need from it before close()");
    }

    /** Returns the text in quotes, cut when long, with what would garble a log line escaped. */
    public static String quoted(String text) {
        return "'" + printable(text) + "'";
    }

    /** Returns the first few names in quotes and the number of the others. */
    public static String listed(Collection<String> names) {
        String shown = names.stream().limit(LONGEST_LIST).map(Refusals::quoted).collect(Collectors.joining(", "));
        return names.size() <= LONGEST_LIST ? shown : shown + " and " + (names.size() - LONGEST_LIST) + " more";
    }

    /** Says in brackets why something below failed, as its innermost cause has it. */
    public static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return "(" + cause.getClass().getSimpleName() + (message == null ? "" : ": " + printable(message)) + ")";
    }

    public static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String printable(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(LONGEST_QUOTE).forEach(c -> {
            if (isPlain(c)) {
                shown.appendCodePoint(c);
            } else {
                shown.append(String.format(Locale.ROOT, "\\u%04x", c));
            }
        });
        return text.codePointCount(0, text.length()) <= LONGEST_QUOTE ? shown.toString() : shown + "...";
    }

    /** Control, format (right-to-left overrides), separator and lone surrogate characters are not. */
    private static boolean isPlain(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
