package dev.cresset.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.DoubleAccumulator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The photographs that {@code serving/make_model.py} made, with PyTorch's own answers, and a strict look at what a server answers.
 *
 * <p>Instances are safe for use by several threads.
 */
final class ServingPhotos {

    private final List<String> names = new ArrayList<>();
    private final List<byte[]> photos = new ArrayList<>();
    private final JsonNode answers;
    private final double tolerance;
    private final boolean exact;
    private final JsonMapper json = new JsonMapper();
    private final Map<Integer, Set<String>> seen = new ConcurrentHashMap<>();
    private final DoubleAccumulator furthest = new DoubleAccumulator(Math::max, 0);

    /**
     * Photographs whose probabilities may be off by so much. The labels must be PyTorch's; but those of lower precision may be others if
     * they are no likelier, as long as PyTorch's first is among them.
     */
    ServingPhotos(Path folder, double tolerance, boolean exact) throws IOException {
        this.tolerance = tolerance;
        this.exact = exact;
        answers = json.readTree(folder.resolve("answers.json"));
        for (String name : answers.propertyNames()) {
            names.add(name);
            photos.add(Files.readAllBytes(folder.resolve("photos").resolve(name + ".jpg")));
        }
    }

    List<byte[]> jpegs() {
        return photos;
    }

    /** How far the furthest answer so far was off. */
    double furthest() {
        return furthest.get();
    }

    /** Fails unless an answer is PyTorch's. One that was checked before passes as it is, so that checking costs next to nothing. */
    void check(int photo, String answer) {
        Set<String> known = seen.computeIfAbsent(photo, key -> ConcurrentHashMap.newKeySet());
        if (known.contains(answer)) {
            return;
        }
        JsonNode expected = answers.get(names.get(photo));
        JsonNode found = json.readTree(answer);
        boolean right = found.size() == expected.size()
                && found.has(expected.propertyNames().iterator().next());
        double least = Double.MAX_VALUE;
        for (JsonNode one : expected) {
            least = Math.min(least, one.asDouble());
        }
        for (Map.Entry<String, JsonNode> one : found.properties()) {
            JsonNode theirs = expected.get(one.getKey());
            // A label beyond the fifth is at most as likely as the fifth.
            double off = Math.abs(one.getValue().asDouble() - (theirs == null ? least : theirs.asDouble()));
            furthest.accumulate(off);
            right &= off <= tolerance && (theirs != null || !exact);
        }
        if (!right) {
            throw new AssertionError(names.get(photo) + " is " + answer + ", expected " + expected);
        }
        known.add(answer);
    }
}
