package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Model;
import dev.cresset.ModelOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Networks as people train them keep nothing between calls: to take one for a module with state would cost it its speed. Those of the
 * fixtures, and those of {@code fixtures/python/zoo.py} in the folder that {@code -Dcresset.zoo} names.
 */
class OrdinaryNetworksTest {

    @TestFactory
    Stream<DynamicTest> isStateful_ofTheFixturesNetworks_isFalse() {
        return Stream.of("convolutions", "layers", "risk")
                .flatMap(folder -> networks(TorchContractTest.fixture(folder)))
                .map(network -> stateless("torch", network));
    }

    @TestFactory
    @EnabledIfSystemProperty(named = "cresset.zoo", matches = ".+")
    Stream<DynamicTest> isStateful_ofTheZoo_isFalse() {
        List<Path> zoo = networks(Path.of(System.getProperty("cresset.zoo"))).toList();
        assertThat(zoo).hasSizeGreaterThan(40);
        return zoo.stream()
                .flatMap(network -> Stream.of(stateless("torch", network), stateless("torch-portable", network)));
    }

    private static Stream<Path> networks(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".pt")).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DynamicTest stateless(String engine, Path network) {
        return DynamicTest.dynamicTest(engine + " " + network.getFileName(), () -> {
            try (Model model =
                    Model.open(network, ModelOptions.builder().engine(engine).build())) {
                assertThat(model.isStateful()).isFalse();
            }
        });
    }
}
