package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.engine.OpenThings;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Archives whose handler is a Python file, and the Java handlers that stand in for it. */
@ExtendWith(OpenThings.class)
class HandlersTest {
    private static final byte[] TWO = {2};

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /** Answers with its name and forward's 2x + 1. */
    private record Named(String name) implements Handler<byte[], String> {
        @Override
        public Answer<String> preprocess(byte[] request, Inputs inputs) {
            inputs.tensor(DataType.FLOAT32, 1).copyFrom(new float[] {request[0]});
            return this::postprocess;
        }

        String postprocess(Value output) {
            return name + " " + output.asTensor().toFloatArray()[0];
        }
    }

    private Path archive(String handler, String file) throws IOException {
        String manifest = TestArchives.manifest("custom", handler, "\"serializedFile\": \"model.pt\"");
        return TestArchives.write(
                folder.resolve("custom.mar"), manifest, "model.pt", "contract", file, "def handle(): 1");
    }

    private static String answer(Path path) throws IOException {
        try (ModelArchive archive = ModelArchive.open(path);
                Predictor<byte[], String> predictor = Predictor.open(archive)) {
            return predictor.predict(TWO);
        }
    }

    @Test
    void open_aPythonFile_showsHowToRegisterAHandler() throws IOException {
        Path path = archive("my_handler:handle", "my_handler.py");
        assertThatThrownBy(() -> answer(path))
                .isInstanceOf(ModelLoadException.class)
                .hasMessage("""
                        custom.mar: its handler 'my_handler.py' is a Python file, which does not run in a JVM; port it to a \
                        Handler in Java and register that before the archive is opened:
                            Handlers.register("my_handler.py", archive -> new MyHandler());
                            try (ModelArchive archive = ModelArchive.open(Path.of("custom.mar"));
                                    Predictor<byte[], String> predictor = Predictor.open(archive)) { ...""");
    }

    @Test
    void open_aPythonFileNamedLikeABuiltIn_isThatFile() throws IOException {
        Path path = archive("base_handler", "base_handler.py");
        assertThatThrownBy(() -> answer(path))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("'base_handler.py' is a Python file");
    }

    @Test
    void open_aRegisteredHandler_takesIt() throws IOException {
        Path path = archive("my_handler", "my_handler.py");
        try (Handlers.Registration here = Handlers.register("my_handler.py", archive -> new Named("mine"))) {
            assertThat(here).isNotNull();
            assertThat(answer(path)).isEqualTo("mine 5.0");
        }
        assertThatThrownBy(() -> answer(path)).isInstanceOf(ModelLoadException.class);
    }

    @Test
    void open_aRegisteredHandler_seesTheArchive() throws IOException {
        Path path = archive("my_handler.py", "my_handler.py");
        Handlers.Factory factory =
                archive -> new Named(archive.manifest().model().modelName());
        try (Handlers.Registration here = Handlers.register("my_handler.py", factory)) {
            assertThat(here).isNotNull();
            assertThat(answer(path)).isEqualTo("custom 5.0");
        }
    }

    @Test
    void open_aHandlerOfAProvider_answersForItsPythonFile() throws IOException {
        assertThat(answer(archive("offered", "offered.py"))).isEqualTo("provided 5.0");
    }

    @Test
    void open_registeredUnderABuiltInsName_comesFirst() throws IOException {
        Path path = archive("base_handler", "notes.txt");
        try (Handlers.Registration here = Handlers.register("base_handler", archive -> new Named("mine"))) {
            assertThat(here).isNotNull();
            assertThat(answer(path)).isEqualTo("mine 5.0");
        }
    }

    @Test
    void register_aNameTwice_isRefused() {
        try (Handlers.Registration here = Handlers.register("twice.py", archive -> new Named("a"))) {
            assertThat(here).isNotNull();
            assertThatThrownBy(() -> Handlers.register("twice.py", archive -> new Named("b")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("a handler 'twice.py' is registered already; close its registration first");
        }
    }

    /** Found by {@link java.util.ServiceLoader}. */
    public static final class Offering implements HandlerProvider {
        @Override
        public Set<String> names() {
            return Set.of("offered.py");
        }

        @Override
        public Handler<byte[], String> open(String name, ModelArchive archive) {
            return new Named("provided");
        }
    }
}
