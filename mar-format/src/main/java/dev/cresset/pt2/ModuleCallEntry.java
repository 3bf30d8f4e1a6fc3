package dev.cresset.pt2;

import java.util.Optional;

/**
 * A module that the program was made from.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param fqn its name; empty for the program itself
 * @param signature how it was called, if that was kept
 */
public record ModuleCallEntry(String fqn, Optional<ModuleCallSignature> signature) {}
