package dev.cresset.text;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer that an archive's {@code tokenizer.json} describes. Padding and truncation that the file asks for are left
 * out: one text needs no padding, and what is too long is cut in Java, because the library ends the process when it is asked
 * for a length that cannot be had.
 *
 * <p>Its native part goes with it, when it is collected. Safe for use by several threads.
 */
final class Tokenizer {

    static final String FILE = "tokenizer.json";
    private static final Cleaner CLEANER = Cleaner.create();

    private final TokenizersLibrary library;
    private final long handle;

    private Tokenizer(TokenizersLibrary library, long handle) {
        this.library = library;
        this.handle = handle;
        CLEANER.register(this, () -> library.deleteTokenizer(handle));
    }

    static Tokenizer of(TextFiles files) throws IOException {
        String name = files.name();
        if (!files.has(FILE)) {
            throw new IOException(
                    name + ": there is no " + FILE
                            + ", which holds the tokenizer; tokenizer.save_pretrained(folder) writes it, and --extra-files packs it");
        }
        TokenizersLibrary library = NativeTokenizers.get();
        long handle;
        try {
            handle = library.createTokenizerFromString(new String(files.read(FILE), StandardCharsets.UTF_8));
        } catch (RuntimeException e) {
            throw new IOException(
                    name + ": " + FILE + " is not one that the tokenizers library reads: " + e.getMessage(), e);
        }
        Tokenizer tokenizer = new Tokenizer(library, handle);
        library.disablePadding(handle);
        library.disableTruncation(handle);
        return tokenizer;
    }

    /** The tokens of a text, or of two, and those that the tokenizer adds. */
    Encoding encode(String text, @Nullable String pair) {
        try {
            long encoding =
                    pair == null ? library.encode(handle, text, true) : library.encodeDual(handle, text, pair, true);
            try {
                return read(encoding);
            } finally {
                library.deleteEncoding(encoding);
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** The number of a token that stands for itself in a text, as those with a special meaning do. */
    OptionalInt number(String token) {
        try {
            long encoding = library.encode(handle, token, false);
            try {
                long[] ids = library.getTokenIds(encoding);
                return ids.length == 1 ? OptionalInt.of((int) ids[0]) : OptionalInt.empty();
            } finally {
                library.deleteEncoding(encoding);
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private Encoding read(long encoding) {
        long[] ids = library.getTokenIds(encoding);
        int[] sequences = Arrays.stream(library.getSequenceIds(encoding))
                .mapToInt(i -> (int) i)
                .toArray();
        int[] starts = new int[ids.length];
        int[] ends = new int[ids.length];
        @Nullable CharSpan[] spans = library.getTokenCharSpans(encoding);
        for (int i = 0; i < ids.length; i++) {
            CharSpan span = spans[i];
            if (span != null) {
                starts[i] = span.getStart();
                ends[i] = span.getEnd();
            }
        }
        return new Encoding(ids, library.getTypeIds(encoding), sequences, starts, ends);
    }
}
