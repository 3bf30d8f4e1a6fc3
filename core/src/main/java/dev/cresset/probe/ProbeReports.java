package dev.cresset.probe;

import dev.cresset.EngineUnavailableException;
import dev.cresset.internal.probe.ExitDiagnosis;
import dev.cresset.internal.probe.WatchedProcess;
import dev.cresset.probe.ProbeNotes.Note;
import dev.cresset.probe.ProbeNotes.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What became of one model, by how the JVM that tried it ended and what that had noted. Immutable. */
final class ProbeReports {
    private final String name;
    private final Duration timeout;
    private final long memory;

    ProbeReports(String name, Duration timeout, long memory) {
        this.name = name;
        this.timeout = timeout;
        this.memory = memory;
    }

    ModelProbe.Report of(Path folder, WatchedProcess.End end) throws IOException {
        Map<Note, String> notes = ProbeNotes.read(folder.resolve(ProbedModel.NOTES));
        Optional<Verdict> verdict = ProbeNotes.verdict(notes);
        String message = notes.getOrDefault(Note.MESSAGE, "");
        if (verdict.equals(Optional.of(Verdict.NO_ENGINE))) {
            throw new EngineUnavailableException("in the JVM that probes models: " + message);
        }
        if (!notes.containsKey(Note.STAGE) && end.fate() == WatchedProcess.Fate.ENDED) {
            throw new IOException("the JVM that probes models cannot be started: it died of "
                    + ExitDiagnosis.of(end, folder.resolve(ModelProbe.ERRORS)));
        }
        String during = " while " + notes.getOrDefault(Note.STAGE, "its JVM was started");
        return switch (end.fate()) {
            case TOO_LONG ->
                new ModelProbe.Report(
                        ModelProbe.Outcome.HUNG,
                        name + ": hangs, or needs longer than " + seconds(timeout) + during
                                + "; ModelProbe.Builder.timeout allows for more",
                        notes,
                        end.peak());
            case TOO_LARGE ->
                new ModelProbe.Report(
                        ModelProbe.Outcome.OUT_OF_MEMORY,
                        name + ": takes more than " + megabytes(memory) + " of memory" + during
                                + "; ModelProbe.Builder.memory allows for more",
                        notes,
                        end.peak());
            default -> ended(during, verdict, message, folder.resolve(ModelProbe.ERRORS), end, notes);
        };
    }

    private ModelProbe.Report ended(
            String during,
            Optional<Verdict> verdict,
            String message,
            Path errors,
            WatchedProcess.End end,
            Map<Note, String> notes) {
        if (verdict.isPresent()) {
            return switch (verdict.get()) {
                case READY ->
                    new ModelProbe.Report(ModelProbe.Outcome.READY, name + ": " + ready(notes), notes, end.peak());
                case NO_MEMORY ->
                    new ModelProbe.Report(ModelProbe.Outcome.OUT_OF_MEMORY, named(message), notes, end.peak());
                default -> new ModelProbe.Report(ModelProbe.Outcome.REFUSED, named(message), notes, end.peak());
            };
        }
        String died = name + ": the JVM that tried it died of " + ExitDiagnosis.of(end, errors) + during;
        boolean memoryShort = ExitDiagnosis.isKilled(end) || ExitDiagnosis.isOfMemory(end, errors);
        return new ModelProbe.Report(
                memoryShort ? ModelProbe.Outcome.OUT_OF_MEMORY : ModelProbe.Outcome.CRASHED,
                ExitDiagnosis.isKilled(end)
                        ? died + "; nothing here ended it, so most likely the system had no memory for it"
                        : died,
                notes,
                end.peak());
    }

    /** Most failures name the file. */
    private String named(String message) {
        return message.contains(name) ? message : name + ": " + message;
    }

    private static String ready(Map<Note, String> notes) {
        String calls = notes.getOrDefault(Note.CALLS, "0");
        String opens = "opens" + (calls.equals("0") ? "" : ", and answers");
        String remark = notes.get(Note.REMARK);
        return remark == null ? opens : opens + "; " + remark;
    }

    private static String seconds(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }

    static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%,d MiB", bytes >> 20);
    }
}
