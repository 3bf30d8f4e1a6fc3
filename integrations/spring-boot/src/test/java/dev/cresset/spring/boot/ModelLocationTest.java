package dev.cresset.spring.boot;

import static dev.cresset.spring.boot.Fixtures.fixture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.DefaultResourceLoader;

/** Where a model may be. */
class ModelLocationTest {

    private static ModelLocation location(String text) {
        return new ModelLocation("cresset.models.risk.path", text, new DefaultResourceLoader());
    }

    @Test
    void path_isOfTheFileSystem() throws IOException {
        Path risk = fixture("risk/risk.pt");

        Path ofPath = location(risk.toString()).use(file -> file);
        Path ofUrl = location(risk.toUri().toString()).use(file -> file);

        assertThat(ofPath).isEqualTo(risk);
        assertThat(ofUrl).isEqualTo(risk);
    }

    @Test
    void resourceInAJar_isAFileWhileItIsUsed_andGoneAfterwards(@TempDir Path folder) throws IOException {
        Path jar = folder.resolve("app.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new JarEntry("models/risk.pt"));
            out.write(new byte[] {1, 2, 3});
            out.closeEntry();
        }
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()})) {
            ModelLocation location =
                    new ModelLocation("p", "classpath:models/risk.pt", new DefaultResourceLoader(loader));

            Path used = location.use(file -> {
                assertThat(file).hasFileName("risk.pt").hasBinaryContent(new byte[] {1, 2, 3});
                return file;
            });

            assertThat(used.getParent()).doesNotExist();
        }
    }

    @Test
    void otherProtocol_isRefused() {
        assertThatThrownBy(() -> location("https://example.org/risk.pt").use(file -> file))
                .isInstanceOf(ModelOpeningException.class)
                .hasMessage("'https://example.org/risk.pt' is neither a path nor begins with file: or classpath:");
    }

    @Test
    void missing_saysWhereItWasLookedFor() {
        assertThatThrownBy(() -> location("no-such.pt").use(file -> file))
                .hasMessage("there is no file " + Path.of("no-such.pt").toAbsolutePath());
        assertThatThrownBy(() -> location("classpath:no-such.pt").use(file -> file))
                .hasMessage("there is no no-such.pt on the class path");
        assertThatThrownBy(() -> location("no-such-folder").folder())
                .hasMessage("there is no folder " + Path.of("no-such-folder").toAbsolutePath());
    }
}
