package dev.cresset;

import java.util.ArrayList;
import java.util.List;

/**
 * The words of TorchScript's source, taken apart where LibTorch's own lexer takes it apart ({@code SharedParserData::match} in
 * {@code torch/csrc/jit/frontend/lexer.h}): comments, strings, and lines that go on after a backslash are the same to both.
 *
 * <p>What is an error there is passed over here, and what follows is still read: who looks for a name may find too many, never
 * too few. A number is all that hangs together behind its first digit; a name in there is no word of its own, or an error.
 *
 * <p>Immutable; safe for use by several threads.
 */
final class ScriptTokens {

    private static final String TYPE_COMMENT = "# type:";
    private static final String ELLIPSIS = "...";

    enum Kind {
        NAME,
        STRING,
        SYMBOL
    }

    /**
     * A word.
     *
     * @param kind what it is
     * @param text the name, what stands between the quotes, a number, three points, or one character
     * @param column how far in its line it begins
     */
    record Token(Kind kind, String text, int column) {
        boolean is(String name) {
            return kind != Kind.STRING && text.equals(name);
        }
    }

    private static final Token NONE = new Token(Kind.SYMBOL, "", 0);

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line;

    /** Of a source, one character a byte. */
    ScriptTokens(String source) {
        this.source = source;
        while (at < source.length()) {
            read(source.charAt(at));
        }
    }

    int size() {
        return tokens.size();
    }

    /** The word at a place; one without text before the first and after the last. */
    Token get(int index) {
        return index < 0 || index >= tokens.size() ? NONE : tokens.get(index);
    }

    private void read(char c) {
        if (c == '\n') {
            line = ++at;
        } else if (c == '#') {
            readComment();
        } else if (c == '"' || c == '\'') {
            readString(c);
        } else if (isLetter(c)) {
            add(Kind.NAME, source.substring(at, end(/* ofNumber= */ false)));
        } else if (isDigit(c)) {
            add(Kind.SYMBOL, source.substring(at, end(/* ofNumber= */ true)));
        } else if (source.startsWith(ELLIPSIS, at)) {
            add(Kind.SYMBOL, ELLIPSIS);
        } else if (c > ' ' && c < 0x7f && c != '\\') {
            add(Kind.SYMBOL, String.valueOf(c));
        } else {
            at++; // bytes beyond ASCII, too: outside of strings LibTorch reads none, or takes them for blanks in some
            // locales
        }
    }

    private int end(boolean ofNumber) {
        int end = at;
        while (end < source.length() && isPart(source.charAt(end), ofNumber)) {
            end++;
        }
        return end;
    }

    private static boolean isPart(char c, boolean ofNumber) {
        return isLetter(c) || isDigit(c) || (ofNumber && c == '.');
    }

    /** Those that tell a type are code to LibTorch. */
    private void readComment() {
        if (source.startsWith(TYPE_COMMENT, at)) {
            at += TYPE_COMMENT.length();
            return;
        }
        int end = source.indexOf('\n', at);
        at = end < 0 ? source.length() : end;
    }

    private void readString(char quote) {
        String once = String.valueOf(quote);
        String quotes = source.startsWith(once.repeat(3), at) ? once.repeat(3) : once;
        int start = at + quotes.length();
        int end = start;
        while (end < source.length() && !source.startsWith(quotes, end)) {
            char c = source.charAt(end);
            if (c == '\n' && quotes.length() == 1) {
                end = source.length();
            }
            end += c == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            at++; // no string, and an error to LibTorch
            return;
        }
        tokens.add(new Token(Kind.STRING, source.substring(start, end), at - line));
        at = end + quotes.length();
    }

    private void add(Kind kind, String text) {
        tokens.add(new Token(kind, text, at - line));
        at += text.length();
    }

    private static boolean isLetter(char c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
