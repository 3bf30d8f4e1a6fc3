package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.mar.internal.archive.EntryNames;
import dev.cresset.mar.internal.archive.EntryPath;
import dev.cresset.mar.internal.archive.FileTrees;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.mar.internal.manifest.ManifestReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What the writer packs, whatever it is, the reader reads: the same manifest, the same files, the same bytes. */
class RoundTripTest {

    /** What an archive is made of. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Contents(
            String name, String version, byte[] model, Optional<Integer> batchSize, Map<String, byte[]> extras) {

        @Override
        public String toString() {
            return name + " " + version + ", " + model.length + " bytes, batch size " + batchSize + ", extra files "
                    + extras.keySet();
        }
    }

    @Provide
    Arbitrary<Contents> contents() {
        Arbitrary<String> first =
                Arbitraries.strings().withChars("ABXYZabxyz019").ofLength(1);
        Arbitrary<String> rest = Arbitraries.strings().withChars("ABxyz019_-").ofMaxLength(40);
        Arbitrary<String> name = Combinators.combine(first, rest).as(String::concat);
        Arbitrary<String> version = Arbitraries.strings()
                .withCharRange(' ', '\u2fff')
                .ofMinLength(1)
                .ofMaxLength(30)
                .filter(text -> !text.isBlank());
        Arbitrary<byte[]> bytes = Arbitraries.bytes().array(byte[].class).ofMaxSize(20_000);
        Arbitrary<String> part = Arbitraries.strings()
                .withCharRange('a', 'z')
                .withChars("0123456789_-äöß世界.")
                .ofMinLength(1)
                .ofMaxLength(20)
                .map(text -> text.replace("z", "😀"));
        Arbitrary<String> path = part.list().ofMinSize(1).ofMaxSize(4).map(parts -> String.join("/", parts));
        Arbitrary<Map<String, byte[]>> extras = Arbitraries.maps(path, bytes).ofMaxSize(12);
        return Combinators.combine(
                        name,
                        version,
                        bytes,
                        Arbitraries.integers().between(1, 1000).optional(),
                        extras)
                .as(Contents::new)
                .filter(RoundTripTest::canBePacked);
    }

    /** Names that no reader takes, and files that would be one, are other tests' business. */
    private static boolean canBePacked(Contents contents) {
        Stream<String> own = Stream.of("model.pt", "settings.yaml", "MAR-INF/MANIFEST.json");
        EntryNames names = new EntryNames(new Refusals(Path.of("any")));
        try {
            for (String name :
                    Stream.concat(own, contents.extras().keySet().stream()).toList()) {
                if (EntryPath.problem(name).isPresent()) {
                    return false;
                }
                names.add(new EntryPath(name));
            }
            names.requireNoFileAsFolder();
            return !contents.name().toLowerCase(Locale.ROOT).matches("(con|prn|aux|nul|com\\d|lpt\\d)");
        } catch (ArchiveException e) {
            return false;
        }
    }

    @Property(tries = 150)
    void written_isRead(
            @ForAll("contents") Contents contents, @ForAll ArchiveFormat format, @ForAll boolean reproducible)
            throws IOException {
        Path folder = Files.createTempDirectory("round-trip");
        try {
            Path written =
                    writer(contents, folder, format, reproducible).build().write(folder);

            try (ModelArchive archive = ModelArchive.open(written)) {
                requireSame(contents, archive, format);
                Path unpacked = folder.resolve("unpacked");
                archive.unpack(unpacked);
                try (ModelArchive again = ModelArchive.open(unpacked)) {
                    requireSame(contents, again, ArchiveFormat.NO_ARCHIVE);
                }
            }
        } finally {
            FileTrees.delete(folder);
        }
    }

    private static ModelArchiveWriter.Builder writer(
            Contents contents, Path folder, ArchiveFormat format, boolean reproducible) throws IOException {
        Path model = Files.write(folder.resolve("model.pt"), contents.model());
        ModelArchiveWriter.Builder writer = ModelArchiveWriter.builder(
                        contents.name(), contents.version(), "base_handler")
                .serializedFile(model)
                .format(format);
        if (reproducible) {
            writer.reproducible(Instant.parse("2020-02-29T12:00:00Z"));
        }
        if (contents.batchSize().isPresent()) {
            writer.configFile(Files.writeString(
                    folder.resolve("settings.yaml"),
                    "batchSize: " + contents.batchSize().get()));
        }
        contents.extras().forEach(writer::extraFile);
        return writer;
    }

    private static void requireSame(Contents contents, ModelArchive archive, ArchiveFormat format) throws IOException {
        assertThat(archive.format()).isEqualTo(format);
        assertThat(archive.manifest().model().modelName()).isEqualTo(contents.name());
        assertThat(archive.manifest().model().modelVersion()).isEqualTo(contents.version());
        assertThat(archive.config().batchSize().isPresent())
                .isEqualTo(contents.batchSize().isPresent());
        Map<String, byte[]> expected = new LinkedHashMap<>(contents.extras());
        expected.put("model.pt", contents.model());
        contents.batchSize()
                .ifPresent(
                        size -> expected.put("settings.yaml", ("batchSize: " + size).getBytes(StandardCharsets.UTF_8)));
        assertThat(archive.entries().stream().filter(name -> !name.equals(ManifestReader.ENTRY)))
                .containsExactlyInAnyOrderElementsOf(expected.keySet());
        for (Map.Entry<String, byte[]> file : expected.entrySet()) {
            assertThat(archive.read(file.getKey())).isEqualTo(file.getValue());
        }
    }
}
