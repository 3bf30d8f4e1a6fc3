package dev.cresset.pt2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Of any sizes, strides, offset and length: a weight is taken just when each of its elements lies in its storage. */
class PayloadPropertyTest {
    private static final int BYTES_OF_FLOAT = 4;

    @Property(tries = 300)
    void weight_isTakenIfAllItsElementsAreThere(
            @ForAll @Size(max = 3) List<@IntRange(max = 3) Integer> sizes,
            @ForAll @Size(3) List<@IntRange(max = 7) Integer> anyStrides,
            @ForAll @IntRange(max = 5) int offset,
            @ForAll @IntRange(max = 120) int length)
            throws IOException {
        List<Integer> strides = anyStrides.subList(0, sizes.size());
        boolean there = (last(sizes, strides, offset, 0) + 1) * BYTES_OF_FLOAT <= length;
        Path directory = Files.createTempDirectory("payload");
        Path file = Pt2File.like("torch-2.13.pt2")
                .with("data/weights/model_weights_config.json", config(sizes, strides, offset))
                .with("data/weights/weight_0", new byte[length])
                .in(directory);
        try (Pt2Archive archive = Pt2Archive.open(file)) {
            if (there) {
                assertThat(archive.weights("model")).containsKey("w");
            } else {
                assertThatExceptionOfType(ArchiveException.class)
                        .isThrownBy(() -> archive.weights("model"))
                        .matches(refusal -> refusal.rule() == Rule.PROGRAM_REFERENCE);
            }
        } finally {
            Files.delete(file);
            Files.delete(directory);
        }
    }

    /** Visits each element, and returns the place of the last; -1 when there is none. */
    private static int last(List<Integer> sizes, List<Integer> strides, int place, int dimension) {
        if (dimension == sizes.size()) {
            return place;
        }
        int last = -1;
        for (int i = 0; i < sizes.get(dimension); i++) {
            last = Math.max(last, last(sizes, strides, place + i * strides.get(dimension), dimension + 1));
        }
        return last;
    }

    private static String config(List<Integer> sizes, List<Integer> strides, int offset) {
        return "{\"config\": {\"w\": {\"path_name\": \"weight_0\", \"is_param\": true, \"use_pickle\": false,"
                + " \"tensor_meta\": {\"dtype\": 7, \"sizes\": " + numbers(sizes)
                + ", \"requires_grad\": true, \"device\":"
                + " {\"type\": \"cpu\", \"index\": null}, \"strides\": " + numbers(strides)
                + ", \"storage_offset\": {\"as_int\": " + offset + "}, \"layout\": 7}}}}";
    }

    private static String numbers(List<Integer> numbers) {
        return numbers.stream().map(one -> "{\"as_int\": " + one + "}").collect(Collectors.joining(", ", "[", "]"));
    }
}
