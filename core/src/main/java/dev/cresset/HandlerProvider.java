package dev.cresset;

import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.util.Set;

/**
 * Offers handlers, by the names that manifests use, to {@link java.util.ServiceLoader}: this is where {@link
 * Predictor#open(ModelArchive)} looks.
 *
 * <p>Instances are safe for use by several threads.
 */
public interface HandlerProvider {

    /** The names it answers to: {@code image_classifier}. */
    Set<String> names();

    /**
     * A handler for an archive whose manifest has one of these names. What it needs of the archive it reads now.
     *
     * @throws IOException if the archive lacks something, or has it wrong
     */
    Handler<byte[], String> open(String name, ModelArchive archive) throws IOException;
}
