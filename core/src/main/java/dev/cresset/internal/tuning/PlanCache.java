package dev.cresset.internal.tuning;

import dev.cresset.Plan;
import dev.cresset.engine.CacheFolders;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What was found the fastest, kept between starts: one small file a model and kind of machine, in the folder that the system property
 * {@code cresset.cache} names, if it is not {@code off}; else in {@code cresset} in the user's cache folder.
 *
 * <p>A choice that was timed while others used the machine is marked, and looked at again at the next start. Where a machine is never
 * quiet, as in a container with a part of a processor, that ends when it has been found the best again three times.
 *
 * <p>A cache and nothing more: what cannot be read is as if it were not there, and what cannot be written is said once. Several
 * processes may use one.
 */
public final class PlanCache {
    private static final System.Logger LOG = System.getLogger("dev.cresset");
    private static final AtomicBoolean SAID = new AtomicBoolean();

    /** As often a choice is looked at again, if it stays. */
    private static final int MOST_LOOKS = 3;

    /** Read from all, written to the first that can be. */
    private final List<Path> folders;

    private final boolean off;

    private PlanCache(List<Path> folders, boolean off) {
        this.folders = folders.stream().map(folder -> folder.resolve("plans")).toList();
        this.off = off;
    }

    public static PlanCache ofProcess() {
        if (CacheFolders.isOff()) {
            return new PlanCache(List.of(), /* off= */ true);
        }
        if (CacheFolders.named().isPresent()) {
            return in(CacheFolders.named().get());
        }
        List<Path> caches = new ArrayList<>();
        String users = System.getenv("XDG_CACHE_HOME");
        if (users != null && Path.of(users).isAbsolute()) {
            caches.add(Path.of(users));
        } else {
            CacheFolders.homes().forEach(home -> caches.add(home.resolve(".cache")));
        }
        return new PlanCache(
                caches.stream().map(cache -> cache.resolve("cresset")).toList(), /* off= */ false);
    }

    static PlanCache in(Path folder) {
        return new PlanCache(List.of(folder), /* off= */ false);
    }

    /**
     * A plan of an earlier start.
     *
     * @param disturbed whether others had a part in the timing, so that it is to be looked at again
     * @param looks how often it has been looked at again already, and stayed
     * @param answer what the module answered then; empty if that is not known
     */
    public record Remembered(Plan plan, boolean disturbed, int looks, Optional<KnownAnswer> answer) {

        /** This choice, made just now, after what was remembered before. */
        public static Remembered after(
                Optional<Remembered> before, Plan plan, boolean disturbed, Optional<KnownAnswer> answer) {
            int looks = before.filter(last -> last.plan.optimization() == plan.optimization())
                    .map(last -> last.looks + 1)
                    .orElse(0);
            return new Remembered(plan, disturbed && looks < MOST_LOOKS, looks, answer);
        }
    }

    /** What is remembered, unless it is a way that Cresset does not pick by itself. */
    public Optional<Remembered> get(String key) {
        return folders.stream()
                .flatMap(folder -> read(folder.resolve(key)).stream())
                .findFirst();
    }

    private static Optional<Remembered> read(Path file) {
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
            boolean disturbed = Boolean.parseBoolean(properties.getProperty("disturbed"));
            int looks = Integer.parseInt(properties.getProperty("looks", "0"));
            return Optional.of(new Remembered(plan, disturbed, looks, KnownAnswer.in(properties)));
        } catch (IOException | UncheckedIOException | IllegalArgumentException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    /** Keeps a plan, and says where; empty if it cannot. */
    public Optional<Path> put(String key, Remembered choice) {
        List<String> refusals = new ArrayList<>();
        for (Path folder : folders) {
            try {
                write(folder, key, properties(choice));
                return Optional.of(folder);
            } catch (IOException e) {
                refusals.add(e.toString());
            }
        }
        if (!off && SAID.compareAndSet(false, true)) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "what was found the fastest cannot be kept, and the next start will look for it again: "
                            + (refusals.isEmpty() ? "the user has no home folder" : String.join("; ", refusals))
                            + "; -Dcresset.cache=DIR names a folder that can be written to");
        }
        return Optional.empty();
    }

    private static Properties properties(Remembered choice) {
        Plan plan = choice.plan;
        Properties properties = new Properties();
        properties.setProperty("optimization", plan.optimization().name());
        properties.setProperty("precision", plan.precision().name());
        properties.setProperty("disturbed", Boolean.toString(choice.disturbed));
        properties.setProperty("looks", Integer.toString(choice.looks));
        choice.answer.ifPresent(known -> known.writeTo(properties));
        plan.candidates()
                .forEach(candidate -> candidate
                        .time()
                        .ifPresent(time -> properties.setProperty(
                                candidate.optimization().name(), Long.toString(time.toNanos()))));
        return properties;
    }

    private static void write(Path folder, String key, Properties properties) throws IOException {
        Files.createDirectories(folder);
        Path fresh = Files.createTempFile(folder, ".plan", null);
        try {
            try (Writer writer = Files.newBufferedWriter(fresh)) {
                properties.store(writer, "nanoseconds a call");
            }
            Files.move(fresh, folder.resolve(key), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
