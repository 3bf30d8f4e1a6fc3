package dev.cresset.text;

import dev.cresset.Handler;
import dev.cresset.ModelLoadException;
import dev.cresset.Predictor;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A text model with its tokenizer: an archive that holds both, a model's file with {@code tokenizer.json} beside it or elsewhere,
 * or a folder that holds both.
 *
 * @param path the model, or the archive
 * @param archive the archive, opened; null for a bare model
 * @param files what says how texts are read
 */
record TextModelFile(Path path, @Nullable ModelArchive archive, TextFiles files) implements AutoCloseable {

    /** By the names that exporters give, the first that is there. */
    private static final List<String> IN_FOLDER =
            List.of("model.pt2", "model.pt", "model.onnx", "onnx/model.onnx", "torchscript/model.pt");

    /** Opens what a path names. */
    static TextModelFile open(Path path, Optional<Path> tokenizer) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(
                    path.toString(), null, "there is no such file or folder, expected a model or an archive");
        }
        if (ModelArchive.isArchive(path)) {
            ModelArchive archive = ModelArchive.open(path);
            try {
                return new TextModelFile(
                        path, archive, tokenizer.map(TextFiles::of).orElseGet(() -> TextFiles.of(archive)));
            } catch (RuntimeException | Error e) {
                archive.close();
                throw e;
            }
        }
        if (Files.isDirectory(path)) {
            return new TextModelFile(inFolder(path), null, TextFiles.of(tokenizer.orElse(path)));
        }
        Path beside = path.toAbsolutePath().getParent();
        return new TextModelFile(path, null, TextFiles.of(tokenizer.orElse(beside == null ? path : beside)));
    }

    private static Path inFolder(Path folder) {
        return IN_FOLDER.stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() ->
                        new ModelLoadException(folder + ": the folder has no model, expected one of " + IN_FOLDER));
    }

    /** What the model is called where nobody says otherwise: its archive's name, or its folder's where the file has a general one. */
    String modelName() {
        if (archive != null) {
            return archive.manifest().model().modelName();
        }
        String file = String.valueOf(path.getFileName());
        String stem = file.contains(".") ? file.substring(0, file.lastIndexOf('.')) : file;
        return stem.equals("model") ? files.name() : stem;
    }

    <I, O> Predictor.Builder<I, O> predictor(Handler<I, O> handler) throws IOException {
        return archive != null ? Predictor.builder(archive, handler) : Predictor.builder(path, handler);
    }

    @Override
    public void close() throws IOException {
        if (archive != null) {
            archive.close();
        }
    }
}
