package dev.cresset.pt2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Of any value: an argument is what was written. */
class ArgumentPropertyTest {
    @Property(tries = 150)
    void integer(@ForAll long value) throws IOException {
        assertThat(read("{\"as_int\": " + value + "}")).isEqualTo(new Argument.AsInt(value));
    }

    @Property(tries = 150)
    void number(@ForAll double value) throws IOException {
        assertThat(read("{\"as_float\": " + value + "}")).isEqualTo(new Argument.AsFloat(value));
    }

    /** Python writes ASCII only, all else as UTF-16 units; torch writes UTF-8, too. */
    @Property(tries = 150)
    void text(@ForAll String value) throws IOException {
        StringBuilder escaped = new StringBuilder();
        value.chars().forEach(c -> escaped.append(String.format("\\u%04x", c)));
        assertThat(read("{\"as_string\": \"" + escaped + "\"}")).isEqualTo(new Argument.AsString(value));
    }

    /** Puts an argument in the place of the one constant of a program. */
    private static Argument read(String json) throws IOException {
        Path directory = Files.createTempDirectory("argument");
        Path file = Pt2File.like("torch-2.13.pt2")
                .replacing("{\"as_int\": -1}", json)
                .in(directory);
        try (Pt2Archive archive = Pt2Archive.open(file)) {
            return archive.program("model")
                    .graphModule()
                    .graph()
                    .nodes()
                    .get(3)
                    .inputs()
                    .get(1)
                    .arg();
        } finally {
            Files.delete(file);
            Files.delete(directory);
        }
    }
}
