package dev.cresset.pt2.internal;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.internal.archive.Refusals;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamContext;
import tools.jackson.core.json.JsonFactory;

/**
 * One of an archive's JSON texts, and the sentences about what is wrong in it.
 *
 * <p>Instances are not safe for use by several threads.
 */
final class JsonReading {
    static final String EXPORT_AGAIN = "the file is damaged or forged, export and save the model again";

    /** Each graph within a graph is seven deep. */
    private static final int DEEPEST = 256;

    /** What a value takes at least in programs that torch writes, its name included. */
    private static final int BYTES_OF_VALUE = 8;

    private static final int LONGEST_TEXT = 4 << 20;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxStringLength(LONGEST_TEXT)
                    .build())
            .build();

    private final String entry;
    private final Refusals refusals;
    private final int mostBytes;
    private int values;

    JsonReading(String entry, ArchiveLimits limits, Refusals refusals) {
        this.entry = entry;
        this.refusals = refusals;
        this.mostBytes = limits.maxProgramBytes();
    }

    String entry() {
        return entry;
    }

    Refusals refusals() {
        return refusals;
    }

    /** Counts a value: two bytes of text may become fifty of memory. */
    void count() throws ArchiveException {
        if (++values > mostBytes / BYTES_OF_VALUE) {
            throw refusals.entry(
                    Rule.LIMIT,
                    entry,
                    "holds more than " + Refusals.number(mostBytes / BYTES_OF_VALUE) + " values, one for each "
                            + BYTES_OF_VALUE
                            + " bytes that it may have; raise ArchiveLimits.maxProgramBytes if you trust"
                            + " this file");
        }
    }

    /** Reads one value, which must be all there is. */
    <T> T read(byte[] json, Content<T> content) throws ArchiveException {
        return read(decoded(json), "", content);
    }

    /**
     * Reads one value, which must be all there is.
     *
     * @param within where in the entry the text stands, for texts in texts; empty for the entry's own
     */
    <T> T read(String json, String within, Content<T> content) throws ArchiveException {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
            parser.nextToken();
            T value = content.read(parser);
            if (parser.nextToken() != null) {
                throw syntax("has more after its value" + within);
            }
            return value;
        } catch (JacksonException e) {
            throw refusals.entry(
                    Rule.PROGRAM_SYNTAX, entry, "is not valid JSON " + within + problem(e) + "; " + EXPORT_AGAIN, e);
        }
    }

    /** What is made of a value; the parser is at its first token, and has to be left at its last. */
    interface Content<T> {
        T read(JsonParser parser) throws ArchiveException;
    }

    /** Decoded here, as UTF-8 whatever the bytes look like: the parser would guess. */
    private String decoded(byte[] json) throws ArchiveException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(json))
                    .toString();
        } catch (CharacterCodingException e) {
            throw refusals.entry(Rule.PROGRAM_SYNTAX, entry, "is not text in UTF-8; " + EXPORT_AGAIN, e);
        }
    }

    /** The parser's own message is lines long. A refusal by one of its limits has no place. */
    private static String problem(JacksonException failure) {
        String place = failure.getLocation() == null
                ? ""
                : "at line " + failure.getLocation().getLineNr() + ", column "
                        + failure.getLocation().getColumnNr() + " ";
        return place + "(" + Refusals.quoted(String.valueOf(failure.getOriginalMessage())) + ")";
    }

    /** Refuses a value for not being what the schema has in its place. */
    ArchiveException unexpected(JsonParser parser, String expected) {
        return syntax("has " + kind(parser.currentToken()) + at(parser) + ", expected " + expected);
    }

    ArchiveException syntax(String what) {
        return refusals.entry(Rule.PROGRAM_SYNTAX, entry, what + "; " + EXPORT_AGAIN);
    }

    ArchiveException unsupported(String what, String wayOut) {
        return refusals.entry(Rule.PROGRAM_UNSUPPORTED, entry, what + "; " + wayOut);
    }

    /** Says where the parser is, as one would write it in Python. */
    static String at(JsonParser parser) {
        StringBuilder place = new StringBuilder();
        for (TokenStreamContext c = parser.streamReadContext(); c != null && !c.inRoot(); c = c.getParent()) {
            if (c.inArray()) {
                place.insert(0, "[" + c.getCurrentIndex() + "]");
            } else if (c.currentName() != null) {
                place.insert(0, "." + c.currentName());
            }
        }
        return place.isEmpty() ? "" : " at " + Refusals.quoted(place.substring(place.charAt(0) == '.' ? 1 : 0));
    }

    private static String kind(@Nullable JsonToken token) {
        if (token == null) {
            return "nothing";
        }
        return switch (token) {
            case START_OBJECT, END_OBJECT -> "an object";
            case START_ARRAY, END_ARRAY -> "a list";
            case VALUE_STRING -> "a text";
            case VALUE_NUMBER_INT -> "an integer";
            case VALUE_NUMBER_FLOAT -> "a number with a fraction";
            case VALUE_TRUE, VALUE_FALSE -> "a truth value";
            case VALUE_NULL -> "null";
            default -> "no value";
        };
    }
}
