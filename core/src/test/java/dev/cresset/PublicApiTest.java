package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The public names are those that {@code api.txt} lists, so that a change of them is seen where changes are read. */
class PublicApiTest {

    private static final Path DUMP = Path.of("api.txt");

    @Test
    void publicApi_isAsListed() throws IOException, URISyntaxException {
        Path classes = Path.of(
                Model.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<String> found = PublicApi.lines(
                classes, "dev.cresset", "dev.cresset.engine", "dev.cresset.handler", "dev.cresset.tensor");
        if (Boolean.getBoolean("cresset.api.write")) {
            Files.writeString(DUMP, String.join("\n", found) + "\n");
        }
        assertThat(differences(Files.readAllLines(DUMP), found)).as("""
                        the public API is not what core/api.txt says (- listed, + found). If it is meant, renew the file with
                        ./mvnw -q test -pl mar-format,core -Dtest=PublicApiTest -Dcresset.api.write=true -Dsurefire.failIfNoSpecifiedTests=false
                        and commit it with the change""").isEmpty();
    }

    /** Lines that only one of the two has, each with the type that it belongs to. */
    private static List<String> differences(List<String> listed, List<String> found) {
        List<String> before = withTypes(listed);
        List<String> after = withTypes(found);
        List<String> differences = new ArrayList<>();
        before.stream()
                .filter(line -> !after.contains(line))
                .map(line -> "- " + line)
                .forEach(differences::add);
        after.stream()
                .filter(line -> !before.contains(line))
                .map(line -> "+ " + line)
                .forEach(differences::add);
        return differences;
    }

    private static List<String> withTypes(List<String> lines) {
        List<String> full = new ArrayList<>();
        String type = "";
        for (String line : lines) {
            if (line.startsWith(" ")) {
                full.add(type + " { " + line.strip() + " }");
            } else if (!line.isBlank()) {
                type = line;
                full.add(line);
            }
        }
        return full;
    }
}
