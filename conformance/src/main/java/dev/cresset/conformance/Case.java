package dev.cresset.conformance;

import dev.cresset.tensor.Value;
import dev.cresset.torch.RecordedValue;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * One call, and what PyTorch answered.
 *
 * @param name tells it from every other
 * @param operator the operator or the module that is called, as PyTorch's database names it
 * @param dtype the type that PyTorch's database was asked for
 * @param module the file of the traced module in its shard
 * @param row what the shard says of it
 */
record Case(String name, String operator, String dtype, String module, JsonNode row) {

    static Case of(JsonNode row) {
        return new Case(
                row.get("name").asString(),
                row.get("operator").asString(),
                row.get("dtype").asString(),
                row.get("module").asString(),
                row);
    }

    /** New values, which the caller closes. */
    List<Value> arguments() {
        List<Value> arguments = new ArrayList<>();
        row.get("args").forEach(argument -> arguments.add(RecordedValue.read(argument)));
        return arguments;
    }

    /** Whether PyTorch's answer has no place in Java: it is complex or sparse, and to be refused. */
    boolean isToBeRefused() {
        return row.has("refused");
    }

    /** PyTorch's answer, which the caller closes. */
    Value answer() {
        return RecordedValue.read(row.get("result"));
    }
}
