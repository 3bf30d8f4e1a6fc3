package dev.cresset.examples;

import dev.cresset.Handlers;
import dev.cresset.Predictor;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Opens an archive whose handler is a Python file, with a Java handler in its place: {@code PortedHandler mnist.mar folder}.
 * The folder holds pictures named for the digit they show. Without arguments, those of the fixtures.
 */
public final class PortedHandler {

    private PortedHandler() {}

    /** Runs the example. */
    public static void main(String[] args) throws IOException {
        Path model = Path.of(args.length > 0 ? args[0] : "fixtures/mnist/mnist.mar");
        Path folder = Path.of(args.length > 1 ? args[1] : "fixtures/mnist/images");
        List<Path> pictures;
        try (Stream<Path> files = Files.list(folder)) {
            pictures = files.sorted().toList();
        }

        Handlers.Registration ported = Handlers.register("mnist_handler.py", archive -> new MnistHandler());
        try (ported;
                ModelArchive archive = ModelArchive.open(model);
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            int right = 0;
            for (Path picture : pictures) {
                String digit = predictor.predict(Files.readAllBytes(picture));
                // 0042-7.png
                right += picture.toString().endsWith("-" + digit + ".png") ? 1 : 0;
            }
            System.out.printf("right on %d of %d digits%n", right, pictures.size());
        }
    }
}
