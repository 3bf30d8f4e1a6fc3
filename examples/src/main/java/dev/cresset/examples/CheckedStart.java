package dev.cresset.examples;

import dev.cresset.Predictor;
import dev.cresset.mar.ModelArchive;
import dev.cresset.mar.ModelArchiveWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Packs a sample and its answer beside a model, so that every start is warm and checked: {@code CheckedStart digits.mar
 * picture folder} writes {@code checked.mar} into the folder. Without arguments, the fixtures' digits and a folder of its own.
 */
public final class CheckedStart {

    private CheckedStart() {}

    /** Runs the example. */
    public static void main(String[] args) throws IOException {
        Path model = Path.of(args.length > 0 ? args[0] : "fixtures/digits/digits.mar");
        Path picture = Path.of(args.length > 1 ? args[1] : "fixtures/digits/images/0034-six.png");
        Path folder = args.length > 2 ? Path.of(args[2]) : Files.createTempDirectory("checked");

        try (ModelArchive archive = ModelArchive.open(pack(model, picture, folder));
                // The archive's sample is answered and checked in here, and one more of ours.
                Predictor<byte[], String> predictor = Predictor.builder(archive)
                        .warmUp(Files.readAllBytes(picture), answer -> answer.startsWith("{"))
                        .open()) {
            System.out.println(
                    predictor + " is warm, computed " + predictor.plan().optimization());
        }
    }

    private static Path pack(Path model, Path picture, Path folder) throws IOException {
        byte[] request = Files.readAllBytes(picture);
        try (ModelArchive archive = ModelArchive.open(model);
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            archive.extract("digits.pt", folder.resolve("digits.pt"));
            Path settings = Files.writeString(folder.resolve("model-config.yaml"), """
                    warmUp:
                      - input: sample.png
                        expected: sample.json
                    """);
            return ModelArchiveWriter.builder("checked", "1.0", "image_classifier")
                    .serializedFile(folder.resolve("digits.pt"))
                    .extraFile("index_to_name.json", archive.read("index_to_name.json"))
                    .extraFile("sample.png", request)
                    .extraFile("sample.json", predictor.predict(request).getBytes(StandardCharsets.UTF_8))
                    .configFile(settings)
                    .build()
                    .write(folder);
        }
    }
}
