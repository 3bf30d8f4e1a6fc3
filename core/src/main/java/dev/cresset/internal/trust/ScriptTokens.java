package dev.cresset.internal.trust;

import java.util.Arrays;

/**
 * The words of TorchScript's source, taken apart where LibTorch's own lexer takes it apart ({@code SharedParserData::match} in
 * {@code torch/csrc/jit/frontend/lexer.h}): comments, strings, and lines that go on after a backslash are the same to both.
 *
 * <p>What is an error there is passed over here, and what follows is still read: who looks for a name may find too many, never
 * too few. A number is all that hangs together behind its first digit; a name in there is no word of its own, or an error.
 *
 * <p>It is read once while a model is opened, often before anything is compiled: so no word is an object. Immutable; safe for use
 * by several threads.
 */
public final class ScriptTokens {

    private static final String TYPE_COMMENT = "# type:";
    private static final String ELLIPSIS = "...";

    /** No more are kept: some hundred times what a large model has. */
    static final int MOST = 4 << 20;

    /** What a character begins. Bytes beyond ASCII are blanks, as in some locales: outside of strings LibTorch reads no others. */
    private static final byte[] KINDS = new byte[256];

    private static final byte BLANK = 0;
    private static final byte LETTER = 1;
    private static final byte DIGIT = 2;
    private static final byte QUOTE = 3;
    private static final byte COMMENT = 4;
    private static final byte SYMBOL = 5;

    static {
        Arrays.fill(KINDS, '!', 0x7f, SYMBOL);
        Arrays.fill(KINDS, '0', '9' + 1, DIGIT);
        Arrays.fill(KINDS, 'A', 'Z' + 1, LETTER);
        Arrays.fill(KINDS, 'a', 'z' + 1, LETTER);
        KINDS['_'] = LETTER;
        KINDS['"'] = QUOTE;
        KINDS['\''] = QUOTE;
        KINDS['#'] = COMMENT;
        KINDS['\\'] = BLANK;
    }

    private final String source;
    private int[] starts = new int[1024];
    private int[] ends = new int[1024];
    private int[] columns = new int[1024];
    private int count;
    private int line;

    /** Before that no string ends: it is not looked for again. */
    private int endless;

    /** Of a source, one character a byte. */
    ScriptTokens(String source) {
        this.source = source;
        int at = 0;
        while (at < source.length() && count < MOST) {
            at = switch (KINDS[source.charAt(at)]) {
                case LETTER -> add(at, endOfName(at));
                case DIGIT -> add(at, endOfNumber(at));
                case QUOTE -> endOfString(at);
                case COMMENT -> endOfComment(at);
                case SYMBOL -> add(at, source.startsWith(ELLIPSIS, at) ? at + ELLIPSIS.length() : at + 1);
                default -> endOfBlank(at);
            };
        }
    }

    int size() {
        return count;
    }

    /** Whether there may be more words than are kept. */
    boolean isCut() {
        return count == MOST;
    }

    /** False before the first word and after the last, too. */
    boolean isName(int index) {
        return index >= 0 && index < count && KINDS[source.charAt(starts[index])] == LETTER;
    }

    /** Whether a word is this name, number or symbol. */
    boolean is(int index, String text) {
        return index >= 0
                && index < count
                && ends[index] - starts[index] == text.length()
                && source.startsWith(text, starts[index]);
    }

    /** A word as it is written; empty before the first and after the last. */
    String text(int index) {
        return index >= 0 && index < count ? source.substring(starts[index], ends[index]) : "";
    }

    /** How far in its line a word begins. */
    int column(int index) {
        return columns[index];
    }

    private int endOfBlank(int start) {
        if (source.charAt(start) == '\n') {
            line = start + 1;
        }
        return start + 1;
    }

    private int add(int start, int end) {
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
            columns = Arrays.copyOf(columns, 2 * count);
        }
        starts[count] = start;
        columns[count] = start - line;
        ends[count++] = end;
        return end;
    }

    private int endOfName(int start) {
        int end = start + 1;
        while (end < source.length() && isLetterOrDigit(source.charAt(end))) {
            end++;
        }
        return end;
    }

    private int endOfNumber(int start) {
        int end = start + 1;
        while (end < source.length() && (source.charAt(end) == '.' || isLetterOrDigit(source.charAt(end)))) {
            end++;
        }
        return end;
    }

    private static boolean isLetterOrDigit(char c) {
        return KINDS[c] == LETTER || KINDS[c] == DIGIT;
    }

    /** Those that tell a type are code to LibTorch. */
    private int endOfComment(int start) {
        if (source.startsWith(TYPE_COMMENT, start)) {
            return start + TYPE_COMMENT.length();
        }
        int end = source.indexOf('\n', start);
        return end < 0 ? source.length() : end;
    }

    /** Adds it; one that does not end is an error to LibTorch, and what stands in it is read. */
    private int endOfString(int start) {
        char quote = source.charAt(start);
        String three = String.valueOf(quote).repeat(3);
        boolean isLong = source.startsWith(three, start);
        int end = start + (isLong ? 3 : 1);
        while (start >= endless && end < source.length()) {
            char c = source.charAt(end);
            if (c == quote && (!isLong || source.startsWith(three, end))) {
                return add(start, end + (isLong ? 3 : 1));
            }
            if (c == '\n' && !isLong) {
                break;
            }
            end += c == '\\' ? 2 : 1;
        }
        endless = Math.max(endless, end);
        return start + 1;
    }
}
