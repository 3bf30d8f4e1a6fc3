package dev.cresset.mar.internal.manifest;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.ModelRuntime;
import dev.cresset.mar.internal.archive.Contents;
import dev.cresset.mar.internal.archive.EntryPath;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Turns an archive's {@code MAR-INF/MANIFEST.json} into {@link ManifestValues}.
 *
 * <p>Checks in the order of TorchServe's frontend: model, name, version, runtime. Then what that leaves to Python, which
 * fails later and worse: that the files the manifest names are plain names, and there.
 */
public final class ManifestReader {
    public static final String ENTRY = EntryPath.MANIFEST;

    private final Contents contents;
    private final ArchiveLimits limits;
    private final Refusals refusals;

    public ManifestReader(Contents contents, ArchiveLimits limits, Refusals refusals) {
        this.contents = contents;
        this.limits = limits;
        this.refusals = refusals;
    }

    public ManifestValues read() throws IOException {
        if (!contents.names().contains(ENTRY)) {
            return new MissingManifest(contents.names(), refusals).orRefusal();
        }
        long size = contents.size(ENTRY);
        if (size > limits.maxManifestBytes()) {
            throw refusals.manifest(
                    Rule.LIMIT,
                    ENTRY + " has " + Refusals.number(size) + " bytes, more than "
                            + Refusals.number(limits.maxManifestBytes())
                            + "; raise ArchiveLimits.maxManifestBytes if you trust this file");
        }
        Map<String, Object> json = ManifestJson.parse(contents.read(ENTRY), refusals);
        return manifest(new ManifestFields("", json, refusals));
    }

    private ManifestValues manifest(ManifestFields fields) throws ArchiveException {
        Optional<ManifestFields> model = fields.object("model");
        if (model.isEmpty()) {
            throw missing("model", "an object with modelName and modelVersion");
        }
        String name = model.get().filledText("modelName").orElse("");
        if (name.isBlank()) {
            throw missing("model.modelName", "a text such as \"digits\"");
        }
        Optional<String> version = model.get().text("modelVersion");
        if (version.isEmpty()) {
            throw missing("model.modelVersion", "a text such as \"1.0\"");
        }
        ModelRuntime runtime = runtime(fields.text("runtime").orElse(ModelRuntime.PYTHON.text()));
        return new ManifestValues(
                model(name, version.get(), model.get()),
                runtime,
                fields.text("createdOn"),
                fields.text("archiverVersion"),
                fields.text("description"),
                fields.left());
    }

    private ModelRuntime runtime(String text) throws ArchiveException {
        Optional<ModelRuntime> runtime = Arrays.stream(ModelRuntime.values())
                .filter(one -> one.text().equals(text))
                .findFirst();
        if (runtime.isEmpty()) {
            String known =
                    Arrays.stream(ModelRuntime.values()).map(ModelRuntime::text).collect(Collectors.joining(", "));
            throw refusals.manifest(
                    Rule.MANIFEST_FIELD,
                    "manifest field 'runtime' is " + Refusals.quoted(text) + ", expected one of " + known
                            + " in just this case; mend " + ENTRY + " and pack again");
        }
        return runtime.get();
    }

    private ModelValues model(String name, String version, ManifestFields fields) throws ArchiveException {
        return new ModelValues(
                name,
                version,
                fields.text("handler").orElse(""),
                file("serializedFile", "the model", fields),
                file("modelFile", "the model's source", fields),
                file("requirementsFile", "the requirements", fields),
                file("configFile", "the settings", fields),
                fields.filledText("envelope"),
                fields.text("description"),
                fields.any("extensions"),
                fields.left());
    }

    private Optional<String> file(String field, String what, ManifestFields fields) throws ArchiveException {
        Optional<String> name = fields.filledText(field);
        if (name.isEmpty()) {
            return name;
        }
        String sentence = "manifest names " + what + " " + Refusals.quoted(name.get()) + " (" + field + "), ";
        if (!EntryPath.isPlainFileName(name.get())) {
            throw refusals.manifest(
                    Rule.MANIFEST_REFERENCE,
                    sentence + "expected the plain name of a file at the root of the archive; do not use this file if"
                            + " you do not know who made it");
        }
        if (!contents.names().contains(name.get())) {
            throw refusals.manifest(
                    Rule.MANIFEST_REFERENCE,
                    sentence + "but the archive has no such entry; it holds: " + Refusals.listed(contents.names())
                            + "; pack it again with that file");
        }
        return name;
    }

    private ArchiveException missing(String field, String expected) {
        return refusals.manifest(
                Rule.MANIFEST_FIELD,
                "manifest has no '" + field + "', expected " + expected + "; mend " + ENTRY + " and pack again");
    }
}
