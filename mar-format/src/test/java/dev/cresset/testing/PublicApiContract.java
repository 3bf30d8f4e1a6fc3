package dev.cresset.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The public names of a module are those that its {@code api.txt} lists, so that a change of them is seen where changes are read. */
public abstract class PublicApiContract {
    private static final Path DUMP = Path.of("api.txt");

    private final Class<?> anyClass;
    private final String[] packages;

    /**
     * Of one module.
     *
     * @param anyClass one of its own
     * @param packages those that it exports
     */
    protected PublicApiContract(Class<?> anyClass, String... packages) {
        this.anyClass = anyClass;
        this.packages = packages.clone();
    }

    @Test
    void publicApi_isAsListed() throws IOException, URISyntaxException {
        Path classes = Path.of(
                anyClass.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<String> found = PublicApi.lines(classes, packages);
        if (Boolean.getBoolean("cresset.api.write")) {
            Files.writeString(DUMP, String.join("\n", found) + "\n");
        }
        assertThat(differences(Files.readAllLines(DUMP), found)).as("""
                        the public API is not what the module's api.txt says (- listed, + found). If it is meant, renew the files with
                        ./mvnw -q test -Dtest=PublicApiTest -Dcresset.api.write=true -Dsurefire.failIfNoSpecifiedTests=false
                        and commit them with the change""").isEmpty();
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
