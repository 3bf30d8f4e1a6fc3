package dev.cresset.internal.warmup;

import dev.cresset.ModelLoadException;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The samples that an archive carries: files that {@code warmUp} in its settings names, each a request, with what it is to
 * be answered with, if that is known.
 *
 * <pre>{@code
 * warmUp:
 *   - input: seven.png
 *     expected: seven.json
 *     tolerance: 0.01
 * }</pre>
 */
public final class ArchiveSamples {
    private static final String KEY = "warmUp";
    private static final Set<String> FIELDS = new TreeSet<>(Set.of("input", "expected", "tolerance"));

    /** Ten times what separates the answers of two machines, or of two ways to compute a model, in float32. */
    private static final double DEFAULT_TOLERANCE = 1e-3;

    /** Each is answered before the predictor is handed out. */
    private static final int MOST = 1000;

    private final ModelArchive archive;
    private final String where;
    /** A file may be named any number of times, and is held once. */
    private final Map<String, byte[]> files = new HashMap<>();

    private ArchiveSamples(ModelArchive archive) {
        this.archive = archive;
        String file = archive.manifest().model().configFile().orElse("model-config.yaml");
        this.where = archive.name() + ": " + file + ": ";
    }

    /**
     * Reads the samples.
     *
     * @throws IOException if one cannot be read
     * @throws ModelLoadException if the settings name them wrongly
     */
    public static List<WarmUp.Sample<byte[], String>> of(ModelArchive archive) throws IOException {
        Map<String, Object> settings = archive.config().settings();
        return settings.containsKey(KEY) ? new ArchiveSamples(archive).read(settings.get(KEY)) : List.of();
    }

    private List<WarmUp.Sample<byte[], String>> read(@Nullable Object setting) throws IOException {
        if (!(setting instanceof List<?> list)) {
            throw wrong(KEY, setting, "a list of samples, each with an 'input'");
        }
        if (list.size() > MOST) {
            throw new ModelLoadException(where + KEY + " has " + list.size() + " samples, expected at most " + MOST);
        }
        List<WarmUp.Sample<byte[], String>> samples = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            String key = KEY + "[" + i + "]";
            if (!(list.get(i) instanceof Map<?, ?> fields) || !FIELDS.containsAll(fields.keySet())) {
                throw wrong(key, list.get(i), "an 'input', and beside it at most 'expected' and 'tolerance'");
            }
            samples.add(sample(key, fields));
        }
        return samples;
    }

    private WarmUp.Sample<byte[], String> sample(String key, Map<?, ?> fields) throws IOException {
        String input = entry(key + ".input", fields.get("input"));
        double tolerance = tolerance(key, fields);
        WarmUp.Check<String> check = fields.containsKey("expected")
                ? check(key, entry(key + ".expected", fields.get("expected")), tolerance)
                : answer -> Optional.empty();
        return new WarmUp.Sample<>(Optional.of(input), bytes(input), check);
    }

    private String entry(String key, @Nullable Object value) {
        if (!(value instanceof String name) || !archive.entries().contains(name)) {
            throw wrong(key, value, "one of the archive's files " + new TreeSet<>(archive.entries()));
        }
        return name;
    }

    private double tolerance(String key, Map<?, ?> fields) {
        if (!fields.containsKey("tolerance")) {
            return DEFAULT_TOLERANCE;
        }
        Object value = fields.get("tolerance");
        if (!(value instanceof Number number)
                || !(number.doubleValue() >= 0)
                || Double.isInfinite(number.doubleValue())) {
            throw wrong(key + ".tolerance", value, "a number from 0");
        }
        if (!fields.containsKey("expected")) {
            throw wrong(key + ".tolerance", value, "none without 'expected'");
        }
        return number.doubleValue();
    }

    private WarmUp.Check<String> check(String key, String file, double tolerance) throws IOException {
        JsonNode expected = JsonAgreement.parse(bytes(file))
                .orElseThrow(() -> new ModelLoadException(
                        where + key + ".expected is '" + file + "', which is not JSON; expected the answer's JSON"));
        JsonAgreement agreement = new JsonAgreement(tolerance);
        return answer -> JsonAgreement.parse(answer.getBytes(StandardCharsets.UTF_8))
                .map(found -> agreement.difference(expected, found))
                .orElseGet(() -> Optional.of("it is no JSON, but " + WarmUp.oneLine(answer)))
                .map(difference -> "is not that of '" + file + "': " + difference);
    }

    private byte[] bytes(String entry) throws IOException {
        byte[] read = files.get(entry);
        if (read == null) {
            read = archive.read(entry);
            files.put(entry, read);
        }
        return read;
    }

    private ModelLoadException wrong(String key, @Nullable Object found, String expected) {
        String value = found == null
                ? "missing"
                : found instanceof String text ? "'" + WarmUp.oneLine(text) + "'" : WarmUp.oneLine(found.toString());
        return new ModelLoadException(where + key + " is " + value + ", expected " + expected);
    }
}
