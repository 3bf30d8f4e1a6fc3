package dev.cresset.probe;

import static java.util.Objects.requireNonNull;

import dev.cresset.EngineUnavailableException;
import dev.cresset.ModelOptions;
import dev.cresset.Plan;
import dev.cresset.config.SystemProperties;
import dev.cresset.internal.Durations;
import dev.cresset.internal.probe.JavaCommand;
import dev.cresset.internal.probe.ScratchFolder;
import dev.cresset.internal.probe.WatchedProcess;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.probe.ProbeNotes.Note;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Tries a model in a JVM of its own, and says what became of it: so a file that crashes LibTorch, hangs or takes all memory is a sentence,
 * and this process lives.
 *
 * <pre>{@code
 * ModelProbe probe = ModelProbe.builder().memory(2L << 30).timeout(Duration.ofSeconds(60)).build();
 * ModelProbe.Report report = probe.run(Path.of("model.mar"));     // or .pt
 * if (!report.opens()) {
 *     log(report.sentence());
 * }
 * }</pre>
 *
 * <p>The model is opened as it would be here, tuning included, and called: an archive with its own samples, or else its handler's example; a
 * model alone with {@link ModelOptions#exampleInputs}, or with what can be made of {@link ModelOptions#inputs} and the method's types. If
 * nothing says what to call it with, it is only opened, and the report says so. What tuning finds is kept where this process finds it.
 *
 * <p>The other JVM has the classes, native libraries and Cresset's settings of this one; but none of its files, of its environment only
 * what computing depends on, and a folder of its own for what it writes, which is removed. It ends when this one does. It is no
 * sandbox: what the model does as this user, it may do there.
 *
 * <p>Memory is watched on Linux. Elsewhere only the heap is limited, to half of it.
 *
 * <p>There is nothing to close. Instances are immutable, safe for use by several threads; each run has a JVM of its own.
 */
public final class ModelProbe {

    static final String ERRORS = "errors.log";
    private static final long LEAST_MEMORY = 64L << 20;

    /** Models lie outside of it, and a JVM asked for more than there may be does not start. */
    private static final long MOST_HEAP = 16L << 30;

    private final long memory;
    private final Duration timeout;
    private final ModelOptions options;
    private final ArchiveLimits limits;
    private final boolean modelOnly;
    private final List<Path> classPath;
    private final List<String> javaOptions;

    private ModelProbe(Builder builder) {
        memory = builder.memory;
        timeout = builder.timeout;
        options = builder.options;
        limits = builder.limits;
        modelOnly = builder.modelOnly;
        classPath = builder.classPath;
        javaOptions = builder.javaOptions;
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** What became of a model. */
    public enum Outcome {
        /** It opened, and answered all calls that were made. */
        READY,
        /** It was refused by name: what opening or calling it throws. */
        REFUSED,
        /** It ended the JVM that tried it. */
        CRASHED,
        /** It took longer than {@link Builder#timeout}. */
        HUNG,
        /** It took more memory than {@link Builder#memory}, or than there is. */
        OUT_OF_MEMORY
    }

    /**
     * Tries a model: a file as {@code torch.jit.save} writes it, or an archive.
     *
     * @throws IOException if no other JVM can be started, or given the classes of this one
     * @throws EngineUnavailableException if no engine runs there
     * @throws CancellationException if the thread is interrupted meanwhile; it stays interrupted
     */
    public Report run(Path model) throws IOException {
        return run(model, limits, () -> false);
    }

    /**
     * Tries a model as {@link #run(Path)} does, with other limits for archives, until the caller gives up.
     *
     * @param givenUp asked now and then, from this thread
     * @throws CancellationException if the caller has given up
     */
    public Report run(Path model, ArchiveLimits archiveLimits, BooleanSupplier givenUp) throws IOException {
        if (!model.getFileSystem().equals(FileSystems.getDefault())) {
            throw new IllegalArgumentException(
                    "another JVM does not see " + model + ", which is in a file system of this one");
        }
        String name = String.valueOf(model.getFileName());
        try (ScratchFolder scratch = new ScratchFolder()) {
            Path folder = scratch.path();
            new ProbeRequest(model.toAbsolutePath(), modelOnly, archiveLimits, options)
                    .write(folder.resolve(ProbedModel.REQUEST));
            WatchedProcess.End end =
                    WatchedProcess.start(command(folder), folder).await(Durations.nanos(timeout), memory, givenUp);
            if (end.fate() == WatchedProcess.Fate.GIVEN_UP) {
                throw new CancellationException("the probe of " + name + " was given up");
            }
            return new ProbeReports(name, timeout, memory).of(folder, end);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while " + name + " was probed");
        }
    }

    private List<String> command(Path folder) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "-Xmx" + Math.min(memory / 2, MOST_HEAP),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-XX:+DisableAttachMechanism",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + folder.resolve(ERRORS),
                "-Djava.io.tmpdir=" + folder,
                "-D" + SystemProperties.TMPDIR + "="
                        + System.getProperty(SystemProperties.TMPDIR, System.getProperty("java.io.tmpdir")),
                "-Djava.awt.headless=true"));
        all.addAll(ProbeSettings.ofThisJvm());
        all.addAll(javaOptions);
        String argument = folder.toString();
        List<String> command = new ArrayList<>();
        JavaCommand java = new JavaCommand(ProbedModel.class, all);
        command.addAll(classPath.isEmpty() ? java.in(folder) : java.in(folder, classPath));
        command.add(argument);
        return command;
    }

    /**
     * What a probe found. Immutable, safe for use by several threads. {@code toString} is a few lines for a person.
     */
    public static final class Report {
        private final Outcome outcome;
        private final String sentence;
        private final Map<Note, String> notes;
        private final OptionalLong peak;

        Report(Outcome outcome, String sentence, Map<Note, String> notes, OptionalLong peak) {
            this.outcome = outcome;
            this.sentence = sentence;
            this.notes = notes;
            this.peak = peak;
        }

        /** What became of the model. */
        public Outcome outcome() {
            return outcome;
        }

        /** Whether it may be opened here, as far as was tried: {@link Outcome#READY}. */
        public boolean opens() {
            return outcome == Outcome.READY;
        }

        /** The outcome in a sentence that names the file. */
        public String sentence() {
            return sentence;
        }

        /** The engine that ran it. */
        public Optional<String> engine() {
            return note(Note.ENGINE);
        }

        /** What its methods take and return, in TorchScript's words; empty if it did not open. */
        public Optional<String> signature() {
            return note(Note.SIGNATURE);
        }

        /** How it computes, and how that was found, as {@link Plan} says it; empty if it did not open. */
        public Optional<String> plan() {
            return note(Note.PLAN);
        }

        /** How many samples it has answered; zero if it was opened only. */
        public int calls() {
            return note(Note.CALLS).map(Integer::valueOf).orElse(0);
        }

        /** How long opening took: tuning and samples are part of it, starting the JVM and the engine is not. */
        public Optional<Duration> openTime() {
            return note(Note.OPEN_NANOS).map(Long::valueOf).map(Duration::ofNanos);
        }

        /** How long a call took, the quickest of a few; with the handler, if it was called through one. */
        public Optional<Duration> callTime() {
            return note(Note.CALL_NANOS).map(Long::valueOf).map(Duration::ofNanos);
        }

        /**
         * The most memory that the model took, tuning included: what the JVM held, without what it held before the model was opened. A
         * look every ten milliseconds may miss a moment. Empty where the system does not tell.
         */
        public OptionalLong memory() {
            Optional<Long> base = note(Note.BASE_BYTES).map(Long::valueOf);
            return peak.isPresent() && base.isPresent()
                    ? OptionalLong.of(Math.max(0, peak.getAsLong() - base.get()))
                    : OptionalLong.empty();
        }

        /** What the archive was that was tried, by its content. */
        public Optional<String> digest() {
            return note(Note.DIGEST);
        }

        private Optional<String> note(Note key) {
            return Optional.ofNullable(notes.get(key));
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder(outcome + ": " + sentence);
            engine().ifPresent(engine -> line(text, "engine", engine));
            signature().ifPresent(signature -> line(text, "takes", signature));
            plan().ifPresent(plan -> line(text, "plan", plan));
            openTime().ifPresent(time -> line(text, "opening", millis(time)));
            callTime().ifPresent(time -> line(text, "a call", millis(time)));
            memory().ifPresent(bytes -> line(text, "memory", ProbeReports.megabytes(bytes)));
            return text.toString();
        }

        private static void line(StringBuilder text, String what, String is) {
            text.append(String.format(Locale.ROOT, "%n  %-8s %s", what, is));
        }

        private static String millis(Duration time) {
            return String.format(Locale.ROOT, "%,.3f ms", time.toNanos() / 1e6);
        }
    }

    /** Collects what a probe is to be like. Not safe for use by several threads. */
    public static final class Builder {
        private long memory = 4L << 30;
        private Duration timeout = Duration.ofSeconds(60);
        private ModelOptions options = ModelOptions.defaults();
        private ArchiveLimits limits = ArchiveLimits.defaults();
        private boolean modelOnly;
        private List<Path> classPath = List.of();
        private List<String> javaOptions = List.of();

        private Builder() {}

        /** How much memory the other JVM may take, its own included; 4 GiB unless set. */
        public Builder memory(long bytes) {
            if (bytes < LEAST_MEMORY) {
                throw new IllegalArgumentException(
                        "memory is " + bytes + " bytes, it must be at least " + LEAST_MEMORY + " for a JVM to start");
            }
            memory = bytes;
            return this;
        }

        /** How long all may take, the start of a JVM and tuning included; 60 seconds unless set. */
        public Builder timeout(Duration longest) {
            if (longest.isNegative() || longest.isZero()) {
                throw new IllegalArgumentException("timeout is " + longest + ", it must be more than zero");
            }
            timeout = longest;
            return this;
        }

        /** How the model is opened: as it is to be opened here. Its samples stay open until a run has returned. */
        public Builder modelOptions(ModelOptions modelOptions) {
            options = requireNonNull(modelOptions, "modelOptions");
            return this;
        }

        /** How large archives may be; a registry's own limits come before these. */
        public Builder limits(ArchiveLimits archiveLimits) {
            limits = requireNonNull(archiveLimits, "archiveLimits");
            return this;
        }

        /**
         * Leaves out an archive's handler and samples, and tries its model alone: for archives that are opened with a handler of
         * one's own, or with another envelope than their samples are in.
         */
        public Builder modelOnly() {
            modelOnly = true;
            return this;
        }

        /**
         * Where the other JVM finds Cresset, its engine and handlers: jars and folders; the class path or module path of this one unless set. For
         * applications whose classes come out of jars in a jar.
         */
        public Builder classPath(Path... entries) {
            classPath = List.of(entries);
            return this;
        }

        /** Further options for the other JVM, such as {@code -Dname=value}; they come after the probe's own, and so before them. */
        public Builder javaOptions(String... more) {
            javaOptions = List.of(more);
            return this;
        }

        /** The probe. */
        public ModelProbe build() {
            return new ModelProbe(this);
        }
    }
}
