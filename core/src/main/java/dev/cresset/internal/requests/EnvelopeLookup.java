package dev.cresset.internal.requests;

import dev.cresset.Envelope;
import dev.cresset.EnvelopeProvider;
import dev.cresset.ModelLoadException;
import dev.cresset.internal.services.LostServices;
import dev.cresset.internal.services.Services;
import dev.cresset.mar.ModelArchive;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Finds the envelope that an archive's settings name. */
public final class EnvelopeLookup {
    /** TorchServe's name for it, in the configuration of the server. */
    private static final String KEY = "service_envelope";

    /** What offers envelopes in the jars of Cresset. */
    private static final List<String> OURS = List.of("dev.cresset.handler.Envelopes");

    private EnvelopeLookup() {}

    /** What opens its requests; empty where each is one item. */
    public static Optional<Envelope<byte[], String>> of(ModelArchive archive) {
        Object name = archive.config().settings().get(KEY);
        // TorchServe's name for one item a request.
        if (name == null || name.equals("body")) {
            return Optional.empty();
        }
        List<EnvelopeProvider> providers = Services.all(EnvelopeProvider.class);
        for (EnvelopeProvider provider : providers) {
            if (name instanceof String known && provider.names().contains(known)) {
                return Optional.of(provider.open(known, archive));
            }
        }
        TreeSet<String> known = new TreeSet<>(List.of("body"));
        providers.forEach(provider -> known.addAll(provider.names()));
        throw new ModelLoadException(archive.name() + ": its settings name the " + KEY + " '" + name
                + "', there are only " + known + LostServices.explain(EnvelopeProvider.class, OURS, providers));
    }
}
