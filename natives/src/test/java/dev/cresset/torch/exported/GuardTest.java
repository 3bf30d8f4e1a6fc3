package dev.cresset.torch.exported;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guards as torch 2.13 wrote them of models of torchvision and transformers, and what Python makes of the rest of its grammar. */
class GuardTest {

    private static final List<String> PARAMETERS = List.of("x", "features", "n", "f", "args_0", "pair");

    private final Tensor x = Tensor.allocate(DataType.FLOAT32, 6, 4);
    private final List<Value> arguments = List.of(
            x,
            new Value.DictValue(Map.of(Value.of("user"), x)),
            Value.of(-7),
            Value.of(0.5),
            x,
            new Value.TupleValue(List.of(x, Value.of(3))));

    @AfterEach
    void close() {
        x.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "L['x'].size()[0] % 2 == 0",
                "(1 + (((-1) + L['x'].size()[1]) // 2)) != 1",
                "L['x'].size()[1] + (-1)*((1 + L['x'].size()[1]) // 2) >= 0",
                "L['x'].size()[1] != max(1, (1 + L['x'].size()[1]) // 2)",
                "(3*L['x'].size()[0]) == (9*(L['x'].size()[0] // 3))",
                "L['features']['user'].size()[0] == L['x'].size()[0]",
                "L['n'] >= -8 and L['n'] <= 8",
                "L['args'][0].size()[1] == 4",
                "L['kwargs']['n'] == -7",
                "L['pair'][0].size()[0] == 2*L['pair'][1]",
                "L['n'] % 4 == 1 and L['n'] // 4 == -2",
                "-2**2 == 0 - 4",
                "not L['n'] == 3 and 1 < 2 < 3",
                "L['x'].size()[0] / 4 == 1.5",
                "math.floor(0.5*float(L['x'].size()[0])) == 3",
                "math.trunc(0.75*torch.sym_float(L['x'].size()[0])) == 4 and torch.sym_max(1, L['x'].size()[0]) == 6",
                "L['f'] > 0.25 or L['x'].size()[9] == 1",
                "min(L['x'].size()[0], L['x'].size()[1], 9) == 4"
            })
    void holds_ofWhatIsTrueInPython_isTrue(String code) {
        assertThat(holds(code)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "L['x'].size()[0] % 4 == 0",
                "L['x'].size()[0] != 6",
                "L['n'] >= 0 and L['n'] <= 8",
                "1 < 3 < 2",
                "not L['n'] == -7",
                "L['x'].size()[0] % (L['x'].size()[1] - 4) == 0",
                "L['f'] > 0.5"
            })
    void holds_ofWhatIsNotTrueInPython_isFalse(String code) {
        assertThat(holds(code)).isFalse();
    }

    /** No sizes are so large; a program is not refused for it. */
    @Test
    void holds_ofNumbersThatAreTooLarge_isTrue() {
        assertThat(holds("L['x'].size()[0] * 999999999999999999 * 99999999999 == 1"))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "L['z'].size()[0] == 1",
                "L['x'].stride()[0] == 1",
                "L['x'].size()[0] ==",
                "L['x'].size()[0] == 1)",
                "L['x'].size()['a'] == 1",
                "L['x'].size()[0] & 1",
                "torch.numel(L['x']) == 1",
                "__import__('os')",
                "999999999999999999999 == 1",
                "int(1, 2)",
                "L"
            })
    void read_ofWhatIsNoGuardAsExportWritesIt_isEmpty(String code) {
        assertThat(Guard.read(code, PARAMETERS)).isEmpty();
    }

    @Test
    void read_ofWhatIsNestedWithoutEnd_isEmpty() {
        assertThat(Guard.read("(".repeat(100_000), PARAMETERS)).isEmpty();
        assertThat(Guard.read("-".repeat(100_000) + "1", PARAMETERS)).isEmpty();
        assertThat(Guard.read("not ".repeat(100_000) + "1", PARAMETERS)).isEmpty();
        assertThat(Guard.read("2" + "**2".repeat(100_000), PARAMETERS)).isEmpty();
        assertThat(Guard.read("1" + "+1".repeat(100_000), PARAMETERS)).isEmpty();
    }

    @Test
    void found_ofWhatIsNotThere_saysSo() {
        String code = "L['n'] == 1 and L['x'].size()[9] == 1";

        assertThat(holds(code)).isFalse();
        assertThat(Guard.read(code, PARAMETERS).orElseThrow().found(arguments))
                .isEqualTo("n is -7, x.size()[9] is not there");
    }

    @Test
    void toString_isWithoutLocals() {
        assertThat(Guard.read("L['x'].size()[0] % 2 == 0", PARAMETERS).orElseThrow())
                .hasToString("x.size()[0] % 2 == 0");
    }

    private boolean holds(String code) {
        return Guard.read(code, PARAMETERS).orElseThrow().holds(arguments);
    }
}
