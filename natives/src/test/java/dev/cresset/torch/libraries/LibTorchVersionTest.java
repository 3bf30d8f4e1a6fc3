package dev.cresset.torch.libraries;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which version a library is of, by the code of the function that would say so: as compilers made it in released LibTorchs. */
class LibTorchVersionTest {

    @ParameterizedTest
    @CsvSource({
        "x86_64, 48b80000000000000d02c30f1f440000, 2.13.0", // a wheel
        "x86_64, f30f1efa48b80000000000000d02c390, 2.13.0", // the presets
        "x86_64, f30f1efa48b80000000000010702c390, 2.7.1",
        "arm64, a041e0d2c0035fd6e10e00f9, 2.13.0", // a wheel
        "arm64, 5f2403d5a041e0d2c0035fd6e10e00f9, 2.13.0", // where branches are guarded
        "arm64, 0020c0d2a041e0f2c0035fd6e10e00f9, 2.13.1", // in two steps
    })
    void constant_ofAFunctionThatReturnsOne(String cpu, String code, String version) {
        assertThat(constant(cpu, code).map(LibTorchVersion::toString)).contains(version);
    }

    @ParameterizedTest
    @CsvSource({
        "x86_64, 554889e548b80000000000000d02c390",
        "arm64, e10e00f9f55b42a9f76343a9f96b44a9",
        "ppc64le, 48b80000000000000d02c30f1f440000"
    })
    void constant_ofAnotherFunction_isNone(String cpu, String code) {
        assertThat(constant(cpu, code)).isEmpty();
    }

    private static Optional<LibTorchVersion> constant(String cpu, String code) {
        return LibTorchVersion.constant(
                cpu, ByteBuffer.wrap(HexFormat.of().parseHex(code + "00".repeat(20 - code.length() / 2))));
    }

    @Test
    void expected_isThatOfTheBuild() {
        assertThat(LibTorchVersion.expected().pattern()).matches("\\d+\\.\\d+\\.\\*");
        assertThat(LibTorchVersion.expected().fits(new LibTorchVersion(2, 13, 1)))
                .isEqualTo(LibTorchVersion.expected().pattern().equals("2.13.*"));
    }
}
