package dev.cresset.handler;

import dev.cresset.Envelope;
import dev.cresset.EnvelopeProvider;
import dev.cresset.mar.ModelArchive;
import java.util.Set;

/**
 * TorchServe's request envelopes, by its rules of version 0.12: the same requests, the same answers. A server chooses one
 * for all its models ({@code service_envelope}); here each predictor may have its own, from the archive's settings ({@code
 * service_envelope} in {@code model-config.yaml}) or from {@link dev.cresset.Predictor.Builder#envelope}. Without one, as with
 * TorchServe's {@code body}, a request is one item.
 *
 * <p>An item reaches the handler as bytes: what was base64 decoded, a string in UTF-8, anything else as JSON. Of an item
 * that is an object, handlers get its {@code data}, or else its {@code body}. An image may be base64 in a string, or nested
 * arrays of the very numbers that the model takes.
 *
 * <p>One item that is wrong fails its request: none of these forms has a place for one item's error. The exception counts the
 * item. Requests that come at the same time do not share their fate; in TorchServe they do.
 */
public final class Envelopes implements EnvelopeProvider {

    /** Called by {@link java.util.ServiceLoader}. */
    public Envelopes() {}

    /**
     * {@code json}: {@code {"instances": [...]}} to {@code {"predictions": [...]}} on one line. An instance, or its {@code
     * data} or {@code body}, may be {@code {"b64": "..."}}.
     */
    public static Envelope<byte[], String> json(ModelArchive archive) {
        return new InstancesEnvelope(name(archive), /* onOneLine= */ true);
    }

    /** {@code kserve}, the protocol of KServe v1: as {@link #json}, but for the layout of the answer. */
    public static Envelope<byte[], String> kserve(ModelArchive archive) {
        return new InstancesEnvelope(name(archive), /* onOneLine= */ false);
    }

    /**
     * {@code kservev2}: {@code {"id", "inputs": [{"name", "shape", "datatype", "data"}]}} to {@code {"id", "model_name",
     * "model_version", "outputs": [...]}}. Each input is an item, as TorchServe has it, and its shape that of one item; a
     * request without an id gets one. For tensors by the Open Inference Protocol itself, see cresset-codecs.
     */
    public static Envelope<byte[], String> kserveV2(ModelArchive archive) {
        return new KServeV2Envelope(archive);
    }

    private static String name(ModelArchive archive) {
        return archive.name();
    }

    @Override
    public Set<String> names() {
        return Set.of("json", "kserve", "kservev2");
    }

    @Override
    public Envelope<byte[], String> open(String name, ModelArchive archive) {
        return switch (name) {
            case "json" -> json(archive);
            case "kserve" -> kserve(archive);
            default -> kserveV2(archive);
        };
    }
}
