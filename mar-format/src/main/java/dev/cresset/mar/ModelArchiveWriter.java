package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.EntryPath;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.mar.internal.archive.Source;
import dev.cresset.mar.internal.config.ConfigYaml;
import dev.cresset.mar.internal.manifest.ManifestReader;
import dev.cresset.mar.internal.manifest.ManifestText;
import dev.cresset.mar.internal.writing.HandlerName;
import dev.cresset.mar.internal.writing.OwnVersion;
import dev.cresset.mar.internal.writing.PackList;
import dev.cresset.mar.internal.writing.Packer;
import dev.cresset.mar.internal.writing.Target;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Packs a model into an archive that TorchServe serves, as {@code torch-model-archiver} does.
 *
 * <pre>{@code
 * Path mar = ModelArchiveWriter.builder("digits", "1.0", "image_classifier")
 *         .serializedFile(Path.of("digits.pt"))
 *         .extraFile(Path.of("index_to_name.json"))
 *         .build()
 *         .write(Path.of("store"));                                          // store/digits.mar
 * }</pre>
 *
 * <p>All files lie at the root of the archive under their own names, only what is in folders of an extra folder keeps its
 * place. Files are found, and their names, sizes and settings checked, before anything is written; they are then read once,
 * and none is held in memory. Entries are in the order of their names, the manifest last.
 *
 * <p>An archive appears whole or not at all: it is written beside its place, in a folder that starts with
 * {@code .packing-}, and then moved there. Unlike {@code torch-model-archiver}, this refuses two files that would be one
 * entry, and names that {@link ModelArchive} would refuse.
 *
 * <p>A writer may write several archives, and looks at the files each time. Instances are immutable and safe for use by several
 * threads.
 */
public final class ModelArchiveWriter {
    private static final ProgressListener NO_LISTENER = (entry, done, total) -> {};
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");
    private static final DateTimeFormatter CREATED_ON = DateTimeFormatter.ofPattern("dd/MM/uuuu HH:mm:ss", Locale.ROOT);

    private final String modelName;
    private final String version;
    private final String handler;
    private final List<Path> extraFiles;
    private final Map<String, byte[]> extraContents;
    private final Optional<Path> serializedFile;
    private final Optional<Path> modelFile;
    private final Optional<Path> configFile;
    private final Optional<Path> requirementsFile;
    private final ModelRuntime runtime;
    private final ArchiveFormat format;
    private final boolean force;
    private final Optional<Instant> time;

    private ModelArchiveWriter(Builder builder) {
        this.modelName = builder.modelName;
        this.version = builder.version;
        this.handler = builder.handler;
        this.extraFiles = List.copyOf(builder.extraFiles);
        this.extraContents = new LinkedHashMap<>(builder.extraContents);
        this.serializedFile = builder.serializedFile;
        this.modelFile = builder.modelFile;
        this.configFile = builder.configFile;
        this.requirementsFile = builder.requirementsFile;
        this.runtime = builder.runtime;
        this.format = builder.format;
        this.force = builder.force;
        this.time = builder.time;
    }

    /**
     * Starts a writer of archives of one model.
     *
     * @param modelName what the model is called, and its archive: letters, digits, {@code _ - .}, first a letter or a digit
     * @param version free text
     * @param handler the name of a handler of TorchServe's ({@code image_classifier}) or of Cresset's text handlers ({@code
     *     sequence_classifier}, {@code text_embedder}, {@code token_classifier}), or a Python file, with or without
     *     {@code .py} and the function or class to call ({@code handler.py}, {@code code/service:handle}); for the runtime
     *     {@link ModelRuntime#LSP} one of its own ({@code TorchScriptHandler}), or a library without its ending
     *     ({@code lib/libdigits:DigitsHandler})
     * @throws IllegalArgumentException if one of them cannot be that
     */
    public static Builder builder(String modelName, String version, String handler) {
        require(
                NAME.asMatchPredicate(),
                modelName,
                "model name",
                "letters, digits, '_', '-' and '.', first one of the former two");
        // TorchServe loads nothing whose name holds two dots, and the name is a folder's, too.
        require(
                name -> !name.contains("..") && EntryPath.isPlainFileName(name),
                modelName,
                "model name",
                "a file name on every system, without '..' and no dot at its end");
        require(text -> !text.isBlank(), version, "model version", "a text such as '1.0'");
        require(
                text -> !HandlerName.baseName(text).isBlank() && text.chars().noneMatch(Character::isISOControl),
                handler,
                "handler",
                "the name of one, such as 'image_classifier', or a file");
        return new Builder(modelName, version, handler);
    }

    private static void require(Predicate<String> rule, String text, String what, String expected) {
        Objects.requireNonNull(text, what);
        if (!rule.test(text)) {
            throw new IllegalArgumentException(
                    "the " + what + " is " + Refusals.quoted(text) + ", expected " + expected);
        }
    }

    /**
     * Writes the archive, without telling anybody how far it is.
     *
     * @param folder where it is to lie; it must be there
     * @return its path: in the folder, named after the model and the format
     * @throws ArchiveException when a file is missing, cannot be read or changes meanwhile, a name cannot be, or the archive
     *     cannot be written; what was there before then still is
     */
    public Path write(Path folder) throws IOException {
        return write(folder, NO_LISTENER);
    }

    /**
     * Writes the archive.
     *
     * @param folder where it is to lie; it must be there
     * @return its path: in the folder, named after the model and the format
     * @throws ArchiveException when a file is missing, cannot be read or changes meanwhile, a name cannot be, or the archive
     *     cannot be written; what was there before then still is
     */
    public Path write(Path folder, ProgressListener listener) throws IOException {
        Objects.requireNonNull(listener, "listener");
        Path archive = folder.resolve(modelName + format.extension());
        Refusals refusals = new Refusals(archive);
        Target target = new Target(archive, format == ArchiveFormat.NO_ARCHIVE, force, refusals);
        target.requireUsable();

        Instant now = Instant.now();
        ZoneId zone = time.isPresent() ? ZoneOffset.UTC : ZoneId.systemDefault();
        PackList files = new PackList(time, refusals);
        String handlerText = addHandler(files, refusals);
        add(files, "serialized file", serializedFile);
        add(files, "model file", modelFile);
        add(files, "requirements file", requirementsFile);
        add(files, "config file", configFile);
        for (Path extra : extraFiles) {
            files.addExtra(extra);
        }
        for (Map.Entry<String, byte[]> extra : extraContents.entrySet()) {
            files.addBytes(extra.getKey(), extra.getValue(), now);
        }
        files.requireNoClash();
        if (configFile.isPresent()) {
            requireReadable(configFile.get(), refusals);
        }

        Map<String, Source> sources = new LinkedHashMap<>(files.sources());
        String created = CREATED_ON.format(time.orElse(now).atZone(zone));
        byte[] manifest = manifest(handlerText, created).getBytes(StandardCharsets.US_ASCII);
        sources.put(ManifestReader.ENTRY, new Source.OfBytes(manifest, time.orElse(now)));
        new Packer(sources, format, modelName, zone, target, listener, refusals).pack();
        return archive;
    }

    private static void add(PackList files, String what, Optional<Path> file) throws ArchiveException {
        if (file.isPresent()) {
            files.addFile(what, file.get());
        }
    }

    /** Adds the handler, if it is a file; returns what the manifest says. */
    private String addHandler(PackList files, Refusals refusals) throws ArchiveException {
        HandlerName name = HandlerName.of(handler, runtime);
        if (name.file().isPresent()) {
            Path file = name.file().get();
            if (!Files.exists(file)) {
                throw refusals.archive(
                        Rule.SOURCE,
                        "the handler " + Refusals.quoted(handler) + " is none of TorchServe's own ("
                                + Refusals.listed(HandlerName.ownOf(runtime)) + ")" + orCressets()
                                + ", and there is no file "
                                + Refusals.quoted(file.toAbsolutePath().toString()));
            }
            files.addFile("handler", file);
        }
        return name.text();
    }

    private String orCressets() {
        return runtime == ModelRuntime.LSP ? "" : " or Cresset's (" + Refusals.listed(HandlerName.ofCresset()) + ")";
    }

    /** TorchServe's worker would die of settings that it cannot read, long after they were packed. */
    private static void requireReadable(Path config, Refusals refusals) throws ArchiveException {
        int most = ArchiveLimits.defaults().maxConfigBytes();
        byte[] yaml;
        try (InputStream in = Files.newInputStream(config)) {
            yaml = in.readNBytes(most + 1);
        } catch (IOException e) {
            throw refusals.archive(
                    Rule.SOURCE,
                    "the config file " + Refusals.quoted(config.toString()) + " cannot be read " + Refusals.reason(e)
                            + "; check that this process may read it",
                    e);
        }
        if (yaml.length > most) {
            throw refusals.archive(
                    Rule.SOURCE,
                    "the config file " + Refusals.quoted(config.toString()) + " has more than " + Refusals.number(most)
                            + " bytes; is it the right one?");
        }
        new ConfigYaml(String.valueOf(config.getFileName()), refusals).parse(yaml);
    }

    private String manifest(String handlerText, String created) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("modelName", modelName);
        put(model, "serializedFile", serializedFile);
        model.put("handler", handlerText);
        put(model, "modelFile", modelFile);
        model.put("modelVersion", version);
        put(model, "requirementsFile", requirementsFile);
        put(model, "configFile", configFile);
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("createdOn", created);
        manifest.put("runtime", runtime.text());
        manifest.put("model", model);
        manifest.put("archiverVersion", "cresset-" + OwnVersion.text());
        return ManifestText.of(manifest);
    }

    private static void put(Map<String, Object> fields, String name, Optional<Path> file) {
        file.ifPresent(path -> fields.put(name, String.valueOf(path.getFileName())));
    }

    /** What an archive is to hold, collected. Not safe for use by several threads. */
    public static final class Builder {
        private final String modelName;
        private final String version;
        private final String handler;
        private final List<Path> extraFiles = new ArrayList<>();
        private final Map<String, byte[]> extraContents = new LinkedHashMap<>();
        private Optional<Path> serializedFile = Optional.empty();
        private Optional<Path> modelFile = Optional.empty();
        private Optional<Path> configFile = Optional.empty();
        private Optional<Path> requirementsFile = Optional.empty();
        private ModelRuntime runtime = ModelRuntime.PYTHON;
        private ArchiveFormat format = ArchiveFormat.DEFAULT;
        private boolean force;
        private Optional<Instant> time = Optional.empty();

        private Builder(String modelName, String version, String handler) {
            this.modelName = modelName;
            this.version = version;
            this.handler = handler;
        }

        /** Sets the model: TorchScript, or weights for {@link #modelFile}. */
        public Builder serializedFile(Path file) {
            serializedFile = Optional.of(file);
            return this;
        }

        /** Sets the Python source of an eager model. */
        public Builder modelFile(Path file) {
            modelFile = Optional.of(file);
            return this;
        }

        /**
         * Adds a file, or what is in a folder. The files in the folder come to lie at the root, its folders stay as they are;
         * links are followed. Folders named {@code __MACOSX} or {@code __pycache__}, or that start with a dot, are left out.
         */
        public Builder extraFile(Path fileOrFolder) {
            extraFiles.add(Objects.requireNonNull(fileOrFolder, "fileOrFolder"));
            return this;
        }

        /**
         * Adds a file that is on no disk.
         *
         * @param name its entry's name, such as {@code index_to_name.json} or {@code labels/de.json}
         * @param content what it holds; copied
         * @throws IllegalArgumentException if there cannot be such an entry, or one was given already
         */
        public Builder extraFile(String name, byte[] content) {
            require(
                    text -> EntryPath.problem(text).isEmpty() && !text.endsWith("/"),
                    name,
                    "name of an extra file",
                    "a plain relative path such as 'labels/de.json'");
            byte[] copy = content.clone();
            if (extraContents.putIfAbsent(name, copy) != null) {
                throw new IllegalArgumentException("the extra file " + Refusals.quoted(name) + " was given already");
            }
            return this;
        }

        /** Sets the YAML settings; refused by {@code write} when {@link ModelArchive} could not read them. */
        public Builder configFile(Path file) {
            configFile = Optional.of(file);
            return this;
        }

        /** Sets what pip is to install for the model. */
        public Builder requirementsFile(Path file) {
            requirementsFile = Optional.of(file);
            return this;
        }

        /** Sets what the handler is written in; Python if not set. */
        public Builder runtime(ModelRuntime modelRuntime) {
            runtime = Objects.requireNonNull(modelRuntime, "modelRuntime");
            return this;
        }

        /** Sets what is to hold the files; a deflated zip if not set. */
        public Builder format(ArchiveFormat archiveFormat) {
            format = Objects.requireNonNull(archiveFormat, "archiveFormat");
            return this;
        }

        /**
         * Sets whether an archive that is there already is replaced; it is refused if not set. A file is replaced at once; for a
         * folder there is a moment without one, and a folder that is no archive is not replaced.
         */
        public Builder force(boolean replace) {
            force = replace;
            return this;
        }

        /**
         * Makes the same files give the same archive, wherever and whenever it is packed: every time in it is this one.
         *
         * <p>Of a deflated archive ({@link ArchiveFormat#DEFAULT}, {@link ArchiveFormat#TGZ}) the bytes are the same only where
         * the JDK brings the same zlib; what they expand to, and all others, always.
         *
         * @param instant between 1980 and 2107, as far as a zip's clock goes; {@code createdOn} has it in UTC
         * @throws IllegalArgumentException if it is outside
         */
        public Builder reproducible(Instant instant) {
            if (instant.isBefore(PackList.EARLIEST) || instant.isAfter(PackList.LATEST)) {
                throw new IllegalArgumentException("the time is " + instant + ", expected one from " + PackList.EARLIEST
                        + " to " + PackList.LATEST + ": a zip holds no other");
            }
            time = Optional.of(instant);
            return this;
        }

        /** Returns a writer of what was set until now; the files are not looked at before it writes. */
        public ModelArchiveWriter build() {
            return new ModelArchiveWriter(this);
        }
    }
}
