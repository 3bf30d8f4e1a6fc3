package dev.cresset.examples;

import dev.cresset.Model;
import dev.cresset.ModelLoadException;
import dev.cresset.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Opens a model that came from somewhere: {@code Trust m.pt} says what in it reaches outside the computation, {@code Trust m.pt
 * yes} opens it nevertheless.
 */
public final class Trust {

    private Trust() {}

    /** Runs the example. */
    public static void main(String[] args) throws IOException {
        Path file = Path.of(args.length > 0 ? args[0] : "fixtures/trust/saves.pt");
        boolean trusted = args.length > 1 && args[1].equals("yes");

        ModelOptions options = ModelOptions.builder().trusted(trusted).build();
        try (Model model = Model.open(file, options)) {
            System.out.println(file.getFileName() + " has the methods "
                    + model.signature().methods().keySet());
        } catch (ModelLoadException e) {
            System.out.println(e.getMessage());
        }
    }
}
