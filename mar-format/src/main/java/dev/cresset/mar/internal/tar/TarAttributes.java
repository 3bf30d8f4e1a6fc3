package dev.cresset.mar.internal.tar;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What POSIX headers say about the next entry in addition: lines of a length, a key and a value, of which the path and the
 * size count in place of the header's own.
 */
final class TarAttributes {
    static final TarAttributes NONE = new TarAttributes(Map.of());

    private static final int LONGEST_LENGTH = 7;

    private final Map<String, byte[]> values;

    private TarAttributes(Map<String, byte[]> values) {
        this.values = values;
    }

    /** Reads attributes; what is wrong is said by the {@link IllegalArgumentException}. */
    static TarAttributes of(byte[] content) {
        Map<String, byte[]> values = new HashMap<>();
        int position = 0;
        while (position < content.length) {
            int space = indexOf(' ', content, position, Math.min(content.length, position + LONGEST_LENGTH + 1));
            int end = position + length(content, position, space);
            require(end > space + 1 && end <= content.length && content[end - 1] == '\n');
            int equals = indexOf('=', content, space + 1, end);
            String key = utf8(Arrays.copyOfRange(content, space + 1, equals)).orElse("");
            require(!key.isEmpty() && values.put(key, Arrays.copyOfRange(content, equals + 1, end - 1)) == null);
            position = end;
        }
        return new TarAttributes(values);
    }

    private static int indexOf(char wanted, byte[] content, int from, int to) {
        for (int i = from; i < to; i++) {
            if (content[i] == wanted) {
                return i;
            }
        }
        throw new IllegalArgumentException("attributes are not what their lengths say");
    }

    private static int length(byte[] content, int from, int to) {
        String digits = new String(content, from, to - from, StandardCharsets.ISO_8859_1);
        require(!digits.isEmpty() && digits.chars().allMatch(c -> c >= '0' && c <= '9'));
        return Integer.parseInt(digits);
    }

    private static void require(boolean right) {
        if (!right) {
            throw new IllegalArgumentException("attributes are not what their lengths say");
        }
    }

    Optional<byte[]> path() {
        return Optional.ofNullable(values.get("path"));
    }

    Optional<Long> size() {
        Optional<String> digits = Optional.ofNullable(values.get("size")).flatMap(TarAttributes::utf8);
        if (digits.isPresent() && !digits.get().matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException("an attribute 'size' is no size");
        }
        return digits.map(Long::valueOf);
    }

    /** Says whether the entry is a file with holes: what follows is not its content but how to make it. */
    boolean isSparse() {
        return values.keySet().stream()
                .anyMatch(key -> key.startsWith("GNU.sparse.") || key.startsWith("SCHILY.realsize"));
    }

    /** Says whether anything here would change what an entry is. */
    boolean isHarmless() {
        return path().isEmpty() && !values.containsKey("size") && !values.containsKey("linkpath") && !isSparse();
    }

    static Optional<String> utf8(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
