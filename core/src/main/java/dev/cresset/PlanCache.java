package dev.cresset;

import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * What was found the fastest, kept between starts: one small file a model and kind of machine, in {@code cresset.cache}, a
 * system property that names a folder or is {@code off}; else in {@code cresset} in the user's cache folder.
 *
 * <p>A choice that was timed while others used the machine is marked, and looked at again at the next start.
 *
 * <p>A cache and nothing more: what cannot be read or written is as if it were not there. Several processes may use one.
 */
final class PlanCache {
    private static final System.Logger LOG = System.getLogger("dev.cresset");

    /** How ways are chosen: what was chosen by other rules is not found any more. */
    private static final int RULES = 2;

    private final Optional<Path> folder;

    private PlanCache(Optional<Path> folder) {
        this.folder = folder;
    }

    static PlanCache ofProcess() {
        String wanted = System.getProperty("cresset.cache", "");
        if (wanted.equals("off")) {
            return new PlanCache(Optional.empty());
        }
        if (!wanted.isEmpty()) {
            return in(Path.of(wanted));
        }
        String users = System.getenv("XDG_CACHE_HOME");
        Path root = users != null && Path.of(users).isAbsolute()
                ? Path.of(users)
                : Path.of(System.getProperty("user.home", "."), ".cache");
        return in(root.resolve("cresset"));
    }

    static PlanCache in(Path folder) {
        return new PlanCache(Optional.of(folder.resolve("plans")));
    }

    /**
     * A plan of an earlier start.
     *
     * @param disturbed whether others had a part in the timing, so that it is to be looked at again
     */
    record Remembered(Plan plan, boolean disturbed) {}

    /** A name for all that a choice depends on. */
    static String key(List<String> parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((byte) RULES);
            for (String part : parts) {
                digest.update(part.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** What is remembered, unless it is a way that Cresset does not pick by itself. */
    Optional<Remembered> get(String key) {
        if (folder.isEmpty()) {
            return Optional.empty();
        }
        Path file = folder.get().resolve(key);
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
            Optimization optimization = Optimization.valueOf(properties.getProperty("optimization", ""));
            if (!optimization.keepsEveryAnswer()) {
                return Optional.empty();
            }
            List<Plan.Candidate> candidates = new ArrayList<>();
            for (Optimization one : Optimization.values()) {
                String nanos = properties.getProperty(one.name());
                if (nanos != null && one.keepsEveryAnswer()) {
                    candidates.add(new Plan.Candidate(
                            one, Optional.of(Duration.ofNanos(Long.parseLong(nanos))), Optional.empty()));
                }
            }
            Precision precision = Precision.valueOf(properties.getProperty("precision", ""));
            Plan plan =
                    new Plan(optimization, precision, Plan.Origin.REMEMBERED, "tuned at an earlier start", candidates);
            return Optional.of(new Remembered(plan, Boolean.parseBoolean(properties.getProperty("disturbed"))));
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    void put(String key, Plan plan, boolean disturbed) {
        if (folder.isEmpty()) {
            return;
        }
        Properties properties = new Properties();
        properties.setProperty("optimization", plan.optimization().name());
        properties.setProperty("precision", plan.precision().name());
        properties.setProperty("disturbed", Boolean.toString(disturbed));
        plan.candidates()
                .forEach(candidate -> candidate
                        .time()
                        .ifPresent(time -> properties.setProperty(
                                candidate.optimization().name(), Long.toString(time.toNanos()))));
        try {
            Files.createDirectories(folder.get());
            Path fresh = Files.createTempFile(folder.get(), ".plan", null);
            try (Writer writer = Files.newBufferedWriter(fresh)) {
                properties.store(writer, "nanoseconds a call");
            }
            Files.move(fresh, folder.get().resolve(key), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the plan of a model cannot be kept for the next start", e);
        }
    }
}
