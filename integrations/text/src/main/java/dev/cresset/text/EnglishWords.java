package dev.cresset.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The words of an English text, found as TorchServe 0.12's {@code text_classifier} finds them ({@code
 * ts/torch_handler/text_handler.py}): nothing but letters and digits of ASCII is left of them.
 */
final class EnglishWords {

    /** A dot in Python's patterns is anything but a line feed. */
    private static final Pattern HTML =
            Pattern.compile("<.*?>|&([a-z0-9]+|#[0-9]{1,6}|#x[0-9a-f]{1,6});", Pattern.UNIX_LINES);

    /** In TorchServe's order, since the first that fits is taken: {@code can't} in {@code can't've}. */
    private static final Map<String, String> CONTRACTIONS = contractions();

    private static final Pattern CONTRACTION =
            Pattern.compile(CONTRACTIONS.keySet().stream().map(Pattern::quote).collect(Collectors.joining("|")));

    private static final Pattern NOT_ASCII = Pattern.compile("[^\\x00-\\x7f]");
    private static final Pattern PUNCTUATION = Pattern.compile("\\p{Punct}");
    /** What Python's {@code str.split} takes for spaces, as far as it is ASCII. */
    private static final Pattern SPACES = Pattern.compile("[\\t-\\r\\x1c-\\x20]+");

    private EnglishWords() {}

    static List<String> of(String text) {
        String plain = expand(HTML.matcher(text).replaceAll("").toLowerCase(Locale.ROOT));
        plain = NOT_ASCII
                .matcher(Normalizer.normalize(plain, Normalizer.Form.NFKD))
                .replaceAll("");
        // In small letters again: what was one sign, such as TM, has only now become letters.
        plain = PUNCTUATION.matcher(plain).replaceAll("").toLowerCase(Locale.ROOT);
        return SPACES.splitAsStream(plain).filter(word -> !word.isEmpty()).toList();
    }

    /** The words, and behind them each two neighbours as one. */
    static List<String> withPairs(List<String> words) {
        List<String> all = new ArrayList<>(words);
        for (int i = 1; i < words.size(); i++) {
            all.add(words.get(i - 1) + " " + words.get(i));
        }
        return all;
    }

    /** Writes contractions out, and drops what apostrophes are left. An expansion starts with the contraction's own first sign. */
    static String expand(String text) {
        Matcher matcher = CONTRACTION.matcher(text);
        String expanded = matcher.replaceAll(
                match -> Matcher.quoteReplacement(match.group().charAt(0)
                        + CONTRACTIONS.getOrDefault(match.group(), "").substring(1)));
        return expanded.replace("'", "");
    }

    private static Map<String, String> contractions() {
        Map<String, String> contractions = new LinkedHashMap<>();
        try (InputStream file = EnglishWords.class.getResourceAsStream("contractions.txt")) {
            if (file == null) {
                throw new IllegalStateException("contractions.txt is missing from this library's jar");
            }
            String lines = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            lines.lines().forEach(line -> {
                int tab = line.indexOf('\t');
                contractions.put(line.substring(0, tab), line.substring(tab + 1));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return contractions;
    }
}
