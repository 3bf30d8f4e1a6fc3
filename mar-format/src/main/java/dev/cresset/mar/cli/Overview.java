package dev.cresset.mar.cli;

import dev.cresset.mar.Manifest;
import dev.cresset.mar.ManifestModel;
import dev.cresset.mar.ModelArchive;
import dev.cresset.mar.ModelConfig;
import dev.cresset.mar.internal.writing.HandlerName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a person wants to know of an archive, most wanted first. What the archive leaves out has no row.
 *
 * <p>Instances are not safe for use by several threads.
 */
final class Overview {
    private static final int MOST_FILES = 40;

    private final ModelArchive archive;
    private final Manifest manifest;
    private final ManifestModel model;
    private final Table table = new Table();

    /** Those that have a row of their own. */
    private final Set<String> shown = new TreeSet<>(Set.of(Names.MANIFEST));

    Overview(ModelArchive archive) {
        this.archive = archive;
        manifest = archive.manifest();
        model = manifest.model();
    }

    Table table() throws IOException {
        table.row("model", Plain.text(model.modelName()) + ", version " + Plain.text(model.modelVersion()));
        table.row(
                "archive", Names.of(archive.path()) + ", " + format() + ", " + Plain.bytes(Names.archiveSize(archive)));
        if (!archive.entries().contains(Names.MANIFEST)) {
            table.row("manifest", "none: the model is named after the file");
        }
        handler();
        table.row("runtime", manifest.runtime().text());
        file("serialized file", model.serializedFile());
        file("model file", model.modelFile());
        file("requirements", model.requirementsFile());
        extraFiles();
        config();
        about();
        return table;
    }

    private String format() {
        return switch (archive.format()) {
            case DEFAULT -> "deflated zip";
            case ZIP_STORE -> "stored zip";
            case TGZ -> "gzipped tar";
            case NO_ARCHIVE -> "folder";
        };
    }

    /** A file of the archive goes before a handler of TorchServe's that has its name. */
    private void handler() throws IOException {
        String handler = model.handler().orElse("");
        Optional<String> file = handlerFile(handler);
        if (handler.isEmpty()) {
            table.row("handler", "none: TorchServe takes the one of its own settings");
        } else if (file.isEmpty()) {
            table.row("handler", Plain.text(handler) + " (no file: " + whose(handler) + ")");
        } else if (file.get().equals(handler)) {
            file("handler", file);
        } else {
            table.row("handler", Plain.text(handler));
            file("", file);
        }
    }

    private String whose(String handler) {
        if (HandlerName.ownOf(manifest.runtime()).contains(handler)) {
            return "TorchServe's own";
        }
        return HandlerName.ofCresset().contains(handler)
                ? "Cresset's own, in cresset-text"
                : "neither TorchServe nor Cresset has one of that name";
    }

    private Optional<String> handlerFile(String handler) {
        String module = handler.indexOf(':') < 0 ? handler : handler.substring(0, handler.indexOf(':'));
        return List.of(module, module + ".py", module + ".so", module + ".dylib").stream()
                .filter(archive.entries()::contains)
                .findFirst();
    }

    private void file(String label, Optional<String> name) throws IOException {
        if (name.isPresent()) {
            shown.add(name.get());
            table.row(label, Plain.text(name.get()), Plain.bytes(archive.size(name.get())));
        }
    }

    private void extraFiles() throws IOException {
        model.configFile().ifPresent(shown::add);
        List<String> extra = new ArrayList<>(archive.entries());
        extra.removeAll(shown);
        String label = "extra files";
        for (String name : extra.subList(0, Math.min(MOST_FILES, extra.size()))) {
            file(label, Optional.of(name));
            label = "";
        }
        if (extra.size() > MOST_FILES) {
            table.row("", "and " + Plain.files(extra.size() - MOST_FILES) + " more; --json lists all");
        }
    }

    private void config() throws IOException {
        ModelConfig config = archive.config();
        file("config file", model.configFile());
        for (Map.Entry<String, Object> setting : config.settings().entrySet()) {
            table.row("", "  " + Plain.text(setting.getKey() + ": " + JsonText.value(setting.getValue())));
        }
        for (String warning : config.warnings()) {
            table.row("warning", Plain.sentence(warning));
        }
    }

    private void about() {
        String created = manifest.createdOn().map(Plain::text).orElse("");
        String archiver = manifest.archiverVersion()
                .map(version -> "archiver " + Plain.text(version))
                .orElse("");
        String separator = created.isEmpty() || archiver.isEmpty() ? "" : ", ";
        if (!created.isEmpty() || !archiver.isEmpty()) {
            table.row("created", created + separator + archiver);
        }
        text("description", manifest.description());
        text("description", model.description());
        text("envelope", model.envelope());
        text("extensions", model.extensions().map(JsonText::value));
        manifest.other().forEach((name, value) -> text(Plain.text(name), Optional.of(JsonText.value(value))));
        model.other().forEach((name, value) -> text("model." + Plain.text(name), Optional.of(JsonText.value(value))));
    }

    private void text(String label, Optional<String> text) {
        text.ifPresent(given -> table.row(label, Plain.text(given)));
    }
}
