package example;

import dev.cresset.Predictor;
import dev.cresset.mar.ModelArchive;
import java.nio.file.Files;
import java.nio.file.Path;

/** Answers a file with an archive's model: {@code java -jar consumer-1.0-one-jar.jar ARCHIVE FILE}. */
public final class Predict {

    private Predict() {}

    /** An archive and a file of what its handler takes: an image, a text. */
    public static void main(String[] args) throws Exception {
        try (ModelArchive archive = ModelArchive.open(Path.of(args[0]));
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            System.out.println(predictor.predict(Files.readAllBytes(Path.of(args[1]))));
        }
    }
}
