package dev.cresset.text;

import dev.cresset.ModelLoadException;
import dev.cresset.handler.IndexToName;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The files that say how texts are read, those of an archive or of a folder. */
interface TextFiles {

    /** As messages call them. */
    String name();

    boolean has(String file);

    /** A file that is there. */
    byte[] read(String file) throws IOException;

    /** What is set of the handler. */
    Map<String, Object> settings();

    /** Where that stands. */
    String settingsFile();

    /** The names of classes in TorchServe's file, where there is one. */
    Optional<IndexToName> indexToName() throws IOException;

    static TextFiles of(ModelArchive archive) {
        return new TextFiles() {
            @Override
            public String name() {
                return archive.name();
            }

            @Override
            public boolean has(String file) {
                return archive.entries().contains(file);
            }

            @Override
            public byte[] read(String file) throws IOException {
                return archive.read(file);
            }

            @Override
            public Map<String, Object> settings() {
                return archive.config().section("handler");
            }

            @Override
            public String settingsFile() {
                return archive.manifest().model().configFile().orElse("model-config.yaml");
            }

            @Override
            public Optional<IndexToName> indexToName() throws IOException {
                return has("index_to_name.json") ? Optional.of(IndexToName.of(archive)) : Optional.empty();
            }
        };
    }

    /** Those in a folder, as transformers and sentence-transformers save them; or beside the file {@code tokenizer.json}. */
    static TextFiles of(Path folderOrTokenizer) {
        Path absolute = folderOrTokenizer.toAbsolutePath();
        Path folder = Files.isDirectory(absolute) ? absolute : absolute.getParent();
        if (folder == null || !Files.exists(absolute)) {
            throw new ModelLoadException(folderOrTokenizer
                    + ": there is no such file or folder, expected the folder that holds " + Tokenizer.FILE);
        }
        // One that is named otherwise is still what it is.
        Path tokenizer = Files.isDirectory(absolute) ? folder.resolve(Tokenizer.FILE) : absolute;
        return new TextFiles() {
            @Override
            public String name() {
                return String.valueOf(folder.getFileName());
            }

            private Path path(String file) {
                return file.equals(Tokenizer.FILE) ? tokenizer : folder.resolve(file);
            }

            @Override
            public boolean has(String file) {
                return Files.isRegularFile(path(file));
            }

            @Override
            public byte[] read(String file) throws IOException {
                return Files.readAllBytes(path(file));
            }

            @Override
            public Map<String, Object> settings() {
                return Map.of();
            }

            @Override
            public String settingsFile() {
                return "model-config.yaml";
            }

            @Override
            public Optional<IndexToName> indexToName() {
                return Optional.empty();
            }
        };
    }
}
