package dev.cresset.probe;

import dev.cresset.EngineUnavailableException;
import dev.cresset.Handler;
import dev.cresset.Handlers;
import dev.cresset.InferenceException;
import dev.cresset.Model;
import dev.cresset.ModelLoadException;
import dev.cresset.OutOfNativeMemoryException;
import dev.cresset.Plan;
import dev.cresset.Predictor;
import dev.cresset.engine.ModelFormat;
import dev.cresset.internal.loading.ArchiveSources;
import dev.cresset.internal.loading.Engines;
import dev.cresset.internal.loading.ModelSources;
import dev.cresset.internal.probe.ProcessMemory;
import dev.cresset.internal.probe.ScratchFolder;
import dev.cresset.internal.warmup.ArchiveSamples;
import dev.cresset.internal.warmup.WarmUp;
import dev.cresset.mar.ModelArchive;
import dev.cresset.probe.ProbeNotes.Note;
import dev.cresset.probe.ProbeNotes.Verdict;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * The main class of the JVM that a {@link ModelProbe} starts: opens a model, calls it, and notes what it comes to. It ends when the
 * one that started it does.
 */
final class ProbedModel {

    static final String REQUEST = "request";
    static final String NOTES = "notes";

    /** Calls that take longer are timed once. */
    private static final long LONG_CALL_NANOS = 1_000_000_000L;

    private static final int CALLS = 3;

    private final ProbeRequest request;
    private final ProbeNotes notes;
    private final StringJoiner remarks = new StringJoiner("; ");

    private ProbedModel(ProbeRequest request, ProbeNotes notes) {
        this.request = request;
        this.notes = notes;
    }

    /** With the folder that the request is in. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        endWithParent(folder);
        try (ProbeNotes notes = new ProbeNotes(folder.resolve(NOTES))) {
            judge(folder, notes);
        }
        // What native libraries do at an exit is no longer the model's affair.
        Runtime.getRuntime().halt(0);
    }

    /** Nobody writes to this stream; it ends when the other process is gone, however that went. */
    private static void endWithParent(Path folder) {
        Thread watch = new Thread(() -> {
            try (InputStream parent = System.in) {
                while (parent.read() >= 0) {
                    Thread.onSpinWait();
                }
                ScratchFolder.remove(folder);
            } catch (IOException e) {
                // It ends all the same.
            }
            Runtime.getRuntime().halt(1);
        });
        watch.setDaemon(true);
        watch.start();
    }

    private static void judge(Path folder, ProbeNotes notes) {
        try {
            notes.stage("its engine was started");
            ProbedModel probed = new ProbedModel(ProbeRequest.read(folder.resolve(REQUEST)), notes);
            probed.startEngine();
            notes.stage("it was opened");
            probed.run();
            notes.put(Note.VERDICT, Verdict.READY);
        } catch (EngineUnavailableException e) {
            refuse(notes, Verdict.NO_ENGINE, String.valueOf(e.getMessage()));
        } catch (OutOfNativeMemoryException e) {
            refuse(notes, Verdict.NO_MEMORY, String.valueOf(e.getMessage()));
        } catch (OutOfMemoryError e) {
            refuse(notes, Verdict.NO_MEMORY, e.toString());
        } catch (InferenceException | IOException e) {
            refuse(notes, Verdict.REFUSED, String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            refuse(notes, Verdict.REFUSED, e.toString());
        }
    }

    private static void refuse(ProbeNotes notes, Verdict verdict, String message) {
        notes.put(Note.MESSAGE, message);
        notes.put(Note.VERDICT, verdict);
    }

    /** What fails here is no model's fault. */
    private void startEngine() {
        try {
            notes.put(
                    Note.ENGINE,
                    Engines.open(request.options().engine(), format()).name());
        } catch (EngineUnavailableException e) {
            throw e;
        } catch (RuntimeException | LinkageError e) {
            throw new EngineUnavailableException("its engine does not start: " + e, e);
        }
        ProcessMemory.ofThis().ifPresent(bytes -> notes.put(Note.BASE_BYTES, bytes));
    }

    /** As far as it can be told: what is wrong with a file is found when it is opened. */
    private ModelFormat format() {
        try {
            if (!ModelArchive.isArchive(request.model())) {
                return ModelSources.format(request.model());
            }
            try (ModelArchive archive = ModelArchive.open(request.model(), request.limits())) {
                return ArchiveSources.format(archive);
            }
        } catch (IOException | ModelLoadException e) {
            return ModelFormat.PYTORCH;
        }
    }

    private void run() throws IOException {
        if (!ModelArchive.isArchive(request.model())) {
            module(() -> Model.open(request.model(), request.options()));
            return;
        }
        try (ModelArchive archive = ModelArchive.open(request.model(), request.limits())) {
            notes.put(Note.DIGEST, archive.sha256());
            Optional<Handler<byte[], String>> handler = request.modelOnly() ? Optional.empty() : handler(archive);
            if (handler.isEmpty() || !predictor(archive, handler.get())) {
                module(() -> Model.open(archive, request.options()));
            }
        }
    }

    /** What takes the archive's requests; none if only the other process has it, or nobody. */
    private Optional<Handler<byte[], String>> handler(ModelArchive archive) {
        try {
            return Optional.of(Handlers.open(archive));
        } catch (ModelLoadException | IOException e) {
            remark("its handler was left out: " + firstLine(String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }

    private void remark(String remark) {
        notes.put(Note.REMARK, remarks.add(remark));
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    /** Answers the archive's samples, or its handler's example; false if it has neither. */
    private boolean predictor(ModelArchive archive, Handler<byte[], String> handler) throws IOException {
        List<WarmUp.Sample<byte[], String>> samples = ArchiveSamples.of(archive);
        Optional<byte[]> asked = samples.isEmpty()
                ? handler.example()
                : Optional.of(samples.get(0).request());
        if (asked.isEmpty()) {
            return false;
        }
        // An example is one item, and in no envelope.
        Predictor.Builder<byte[], String> builder =
                samples.isEmpty() ? Predictor.builder(archive, handler) : Predictor.builder(archive);
        long start = System.nanoTime();
        try (Predictor<byte[], String> predictor =
                builder.modelOptions(request.options()).open()) {
            opened(start, predictor.plan(), predictor.signature());
            call(Math.max(1, samples.size()), () -> predictor.predict(asked.get()));
            notes.stage("it was closed");
        }
        return true;
    }

    private interface Opener {
        Model open() throws IOException;
    }

    private void module(Opener opener) throws IOException {
        long start = System.nanoTime();
        try (Model model = opener.open()) {
            opened(start, model.plan(), model.signature());
            Optional<List<Value>> arguments = arguments(model.signature());
            if (arguments.isPresent()) {
                call(
                        1,
                        () -> model.forward(arguments.get().toArray(new Value[0]))
                                .close());
            }
            notes.stage("it was closed");
        }
    }

    private Optional<List<Value>> arguments(Signature signature) {
        if (!request.options().exampleInputs().isEmpty()) {
            return Optional.of(request.options().exampleInputs());
        }
        Signature.Method forward = signature.methods().get("forward");
        if (forward == null) {
            remark("no call was made: it has no forward, only " + signature);
            return Optional.empty();
        }
        Optional<List<Value>> arguments =
                SyntheticArguments.of(forward, request.options().inputs());
        if (arguments.isEmpty()) {
            remark("no call was made: nothing says what tensors " + forward
                    + " takes; ModelOptions.inputs or samples would");
        }
        return arguments;
    }

    private void opened(long start, Plan plan, Signature signature) {
        notes.put(Note.OPEN_NANOS, System.nanoTime() - start);
        notes.put(Note.PLAN, plan);
        notes.put(Note.SIGNATURE, signature);
    }

    /** The quickest of a few calls. */
    private void call(int answered, Runnable call) {
        notes.stage("it was called");
        long best = Long.MAX_VALUE;
        for (int i = 0; i < CALLS && (i == 0 || best < LONG_CALL_NANOS); i++) {
            long start = System.nanoTime();
            call.run();
            best = Math.min(best, System.nanoTime() - start);
        }
        notes.put(Note.CALL_NANOS, best);
        notes.put(Note.CALLS, answered);
    }
}
