package dev.cresset.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.EngineUnavailableException;
import dev.cresset.ModelLoadException;
import dev.cresset.Predictor;
import dev.cresset.mar.ModelArchive;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jars merged into one whose services files were not: the first one stays, and which one that is depends on their order. */
class MergedJarsTest {

    /** Tells what becomes of an archive; loaded anew, with Cresset's classes. */
    static final class Opens {
        private Opens() {}

        static String message(Path path) throws IOException {
            try (ModelArchive archive = ModelArchive.open(path);
                    Predictor<byte[], String> predictor = Predictor.open(archive)) {
                return "opened " + predictor;
            } catch (ModelLoadException | EngineUnavailableException e) {
                return String.valueOf(e.getMessage());
            }
        }
    }

    /** All classes of this test anew, and of the services files only those that do not name certain classes. */
    private static final class Merged extends URLClassLoader {
        private final Pattern lost;

        Merged(Pattern lost) {
            super(
                    Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                            .filter(entry -> !entry.isEmpty())
                            .map(Merged::url)
                            .toArray(URL[]::new),
                    ClassLoader.getPlatformClassLoader());
            this.lost = lost;
        }

        private static URL url(String entry) {
            try {
                return Path.of(entry).toUri().toURL();
            } catch (MalformedURLException e) {
                throw new IllegalArgumentException(e);
            }
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            List<URL> kept = new ArrayList<>();
            for (URL url : Collections.list(super.getResources(name))) {
                if (!name.startsWith("META-INF/services/dev.cresset.")
                        || !lost.matcher(text(url)).find()) {
                    kept.add(url);
                }
            }
            return Collections.enumeration(kept);
        }

        private static String text(URL url) throws IOException {
            try (InputStream in = url.openStream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }

    private static String messageWithout(String provider, Path archive) throws Exception {
        try (Merged merged = new Merged(Pattern.compile(provider))) {
            var message = Class.forName(Opens.class.getName(), true, merged).getDeclaredMethod("message", Path.class);
            message.setAccessible(true);
            return (String) message.invoke(null, archive);
        }
    }

    @Test
    void open_theServicesFileOfTextsLost_saysSoAndTheWayOut() throws Exception {
        assertThat(messageWithout("dev.cresset.text.TextHandlers", Recorded.fixture("topics/topics.mar")))
                .contains("there is no handler 'text_classifier', only [base_handler, ")
                .endsWith("; dev.cresset.text.TextHandlers can be loaded, but no"
                        + " META-INF/services/dev.cresset.HandlerProvider names it: those files were lost when jars were"
                        + " merged into one; have them merged, too (maven-shade: ServicesResourceTransformer; Gradle's"
                        + " shadow: mergeServiceFiles())");
    }

    @Test
    void open_theServicesFileOfCoreLost_saysSo(@TempDir Path folder) throws Exception {
        Path image = Recorded.changed("text/embedder.mar", folder, "image_classifier", Map.of());

        assertThat(messageWithout("dev.cresset.handler.BuiltIns", image))
                .contains("there is no handler 'image_classifier', only [")
                .contains("dev.cresset.handler.BuiltIns can be loaded, but no");
    }

    @Test
    void open_theServicesFileOfEnginesLost_saysSo() throws Exception {
        assertThat(messageWithout("BridgeProvider|FakeProvider", Recorded.fixture("topics/topics.mar")))
                .startsWith("no engine is found; dev.cresset.torch.BridgeProvider and"
                        + " dev.cresset.torch.PortableProvider can be loaded, but no");
    }

    @Test
    void open_theServicesFileOfEnvelopesLost_saysSo(@TempDir Path folder) throws Exception {
        Path enveloped = Recorded.changed(
                "text/embedder.mar", folder, "text_embedder", Map.of("model-config.yaml", "service_envelope: json"));

        assertThat(messageWithout("dev.cresset.handler.Envelopes", enveloped))
                .contains(
                        "the service_envelope 'json', there are only [body]; dev.cresset.handler.Envelopes can be loaded");
    }
}
