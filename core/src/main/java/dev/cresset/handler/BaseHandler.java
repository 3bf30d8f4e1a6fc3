package dev.cresset.handler;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.internal.json.NestedLists;
import dev.cresset.internal.json.NestedNumbers;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.Value;

/**
 * TorchServe's {@code base_handler}: one item as a nested JSON array of numbers in, the model's tensor for it as nested
 * arrays out. Types as {@code torch.as_tensor} chooses them: float32 if there is a fraction among the numbers, else int64,
 * or bool.
 */
final class BaseHandler implements Handler<byte[], String> {

    private final String archive;

    BaseHandler(ModelArchive archive) {
        this.archive = archive.name();
    }

    @Override
    public Answer<String> preprocess(byte[] request, Inputs inputs) {
        NestedNumbers.read(archive, request).write(inputs);
        return this::postprocess;
    }

    private String postprocess(Value output) {
        return PythonJson.write(NestedLists.of(output.asTensor()));
    }
}
