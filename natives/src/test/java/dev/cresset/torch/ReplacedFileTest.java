package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.Plan;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A file that gets another content while its model is tuned, which reads the module again. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class ReplacedFileTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void open_ofAFileThatIsReplacedMeanwhile_isOfWhatWasThereAtFirst() throws IOException {
        Path file = Files.copy(Fixtures.path("convolutions/convolution.pt"), folder.resolve("model.pt"));
        Path other = Files.writeString(folder.resolve("other"), "no model, and nobody has checked it");
        ModelOptions options = ModelOptions.builder()
                .engine("torch")
                .inputs(TensorSpec.of(DataType.FLOAT32, 1, 16, 24, 24))
                .tuningListener(candidate -> replace(file, other))
                .build();
        try (Model model = Model.open(file, options)) {
            assertThat(file).content().startsWith("no model");
            assertThat(model.plan().origin()).isEqualTo(Plan.Origin.TUNED);
        }
    }

    private static void replace(Path file, Path other) {
        try {
            if (Files.exists(other)) {
                Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
