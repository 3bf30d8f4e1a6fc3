package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which systems can load the committed libraries: those with glibc 2.34 and the libstdc++ of GCC 11, such as RHEL 9 and Amazon Linux
 * 2023. LibTorch may want more.
 */
class BridgeSymbolsTest {

    private static final Path FOLDER = Path.of("src", "main", "resources", "dev", "cresset", "torch", "linux-x86_64");

    @ParameterizedTest
    @CsvSource({
        "libjnicresset.so, GLIBC_2., 34",
        "libjnicresset.so, GLIBCXX_3.4., 29",
        "libjnicresset.so, CXXABI_1.3., 13",
        "libcressetlinker.so, GLIBC_2., 34"
    })
    void library_needsNoNewerSymbols(String library, String version, int newest) throws IOException {
        String bytes = Files.readString(FOLDER.resolve(library), StandardCharsets.ISO_8859_1);
        Matcher found = Pattern.compile(Pattern.quote(version) + "(\\d+)\0").matcher(bytes);
        int largest = 0;
        while (found.find()) {
            largest = Math.max(largest, Integer.parseInt(found.group(1)));
        }

        assertThat(largest).as("the newest %sN", version).isPositive().isLessThanOrEqualTo(newest);
    }
}
