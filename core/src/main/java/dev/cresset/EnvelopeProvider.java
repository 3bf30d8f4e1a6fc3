package dev.cresset;

import dev.cresset.mar.ModelArchive;
import java.util.Set;

/**
 * Offers envelopes, by the names that {@code service_envelope} has for them, to {@link java.util.ServiceLoader}: this is
 * where {@link Predictor#open(ModelArchive)} looks when an archive's settings name one.
 *
 * <p>Instances are safe for use by several threads.
 */
public interface EnvelopeProvider {

    /** The names it answers to: {@code json}. */
    Set<String> names();

    /** The envelope of one of these names, for the requests to an archive's model. */
    Envelope<byte[], String> open(String name, ModelArchive archive);
}
