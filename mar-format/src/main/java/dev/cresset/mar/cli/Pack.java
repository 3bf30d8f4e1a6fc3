package dev.cresset.mar.cli;

import dev.cresset.mar.ArchiveFormat;
import dev.cresset.mar.ModelArchiveWriter;
import dev.cresset.mar.ModelRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code mar pack}: the options are those of {@code torch-model-archiver}, and one more. */
@Command(
        name = "pack",
        description = "Packs a model into an archive, as torch-model-archiver does, and with its options.",
        sortOptions = false,
        abbreviateSynopsis = true)
final class Pack implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--model-name",
            required = true,
            paramLabel = "NAME",
            description = "What the model is called, and its archive.")
    private String modelName = "";

    @Option(
            names = {"-v", "--version"},
            required = true,
            paramLabel = "TEXT",
            description = "The model's version, such as 1.0.")
    private String version = "";

    @Option(
            names = "--handler",
            required = true,
            paramLabel = "NAME|FILE",
            description =
                    "One of TorchServe's own, such as image_classifier, or of Cresset's, such as text_embedder, or a Python file, perhaps with ':' and the function to call.")
    private String handler = "";

    @Option(
            names = "--serialized-file",
            paramLabel = "FILE",
            description = "The model: TorchScript, or weights for --model-file.")
    private Optional<Path> serializedFile = Optional.empty();

    @Option(names = "--model-file", paramLabel = "FILE", description = "The Python source of an eager model.")
    private Optional<Path> modelFile = Optional.empty();

    @Option(
            names = "--extra-files",
            paramLabel = "PATH",
            split = ",",
            splitSynopsisLabel = ",",
            description = "Files that go beside the model, and folders whose content does; perhaps with wildcards.")
    private List<String> extraFiles = new ArrayList<>();

    @Option(
            names = {"-c", "--config-file"},
            paramLabel = "FILE",
            description = "The settings, in YAML.")
    private Optional<Path> configFile = Optional.empty();

    @Option(
            names = {"-r", "--requirements-file"},
            paramLabel = "FILE",
            description = "What pip is to install for the model.")
    private Optional<Path> requirementsFile = Optional.empty();

    @Option(
            names = "--runtime",
            paramLabel = "NAME",
            converter = RuntimeName.class,
            description = "python, python3 or LSP; python if not given.")
    private ModelRuntime runtime = ModelRuntime.PYTHON;

    @Option(
            names = "--archive-format",
            paramLabel = "NAME",
            converter = FormatName.class,
            description = "default, zip-store, tgz or no-archive; default, a deflated zip, if not given.")
    private ArchiveFormat format = ArchiveFormat.DEFAULT;

    @Option(names = "--export-path", paramLabel = "FOLDER", description = "Where the archive goes; here if not given.")
    private Path exportPath = Path.of("");

    @Option(
            names = {"-f", "--force"},
            description = "Replaces an archive that is there already.")
    private boolean force;

    @Option(
            names = "--reproducible",
            arity = "0..1",
            fallbackValue = "1980-01-01T00:00:00Z",
            paramLabel = "TIME",
            converter = Time.class,
            description =
                    "Gives the same archive for the same files: every time in it is this one, such as 2026-11-23T00:00:00Z, or 1980.")
    private Optional<Instant> time = Optional.empty();

    @Mixin
    private final ProgressOption progress = new ProgressOption();

    @Spec
    private @Nullable CommandSpec spec;

    Pack(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ModelArchiveWriter writer = writer();
        Path written;
        try (Progress listener = progress.start(console, "pack")) {
            written = writer.write(exportPath, listener);
        }
        String size = format == ArchiveFormat.NO_ARCHIVE ? "a folder" : Plain.bytes(Files.size(written));
        console.out().println("packed " + Plain.text(written.toString()) + ", " + size);
        return Mar.DONE;
    }

    /** What a writer cannot take was typed wrongly; what it then finds on disk is another matter. */
    private ModelArchiveWriter writer() {
        try {
            ModelArchiveWriter.Builder writer = ModelArchiveWriter.builder(modelName, version, handler)
                    .runtime(runtime)
                    .format(format)
                    .force(force);
            serializedFile.ifPresent(writer::serializedFile);
            modelFile.ifPresent(writer::modelFile);
            configFile.ifPresent(writer::configFile);
            requirementsFile.ifPresent(writer::requirementsFile);
            extraFiles.forEach(path -> Wildcards.expand(path.strip()).forEach(writer::extraFile));
            time.ifPresent(writer::reproducible);
            return writer.build();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    Objects.requireNonNull(spec, "picocli sets it").commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private static final class RuntimeName implements ITypeConverter<ModelRuntime> {
        @Override
        public ModelRuntime convert(String text) {
            return named(ModelRuntime.values(), ModelRuntime::text, text);
        }
    }

    private static final class FormatName implements ITypeConverter<ArchiveFormat> {
        @Override
        public ArchiveFormat convert(String text) {
            return named(ArchiveFormat.values(), ArchiveFormat::text, text);
        }
    }

    private static final class Time implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException e) {
                throw new TypeConversionException("it is '" + text + "', expected a time such as 2026-11-23T00:00:00Z");
            }
        }
    }

    private static <T> T named(T[] all, Function<T, String> name, String text) {
        return Arrays.stream(all)
                .filter(one -> name.apply(one).equals(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("it is '" + text + "', expected one of "
                        + Arrays.stream(all).map(name).collect(Collectors.joining(", "))));
    }
}
