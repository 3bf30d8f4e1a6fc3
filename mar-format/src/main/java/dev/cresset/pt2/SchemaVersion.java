package dev.cresset.pt2;

/**
 * The version of the schema that a program was written by.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param major grows when older readers would go wrong
 * @param minor grows when something was added
 */
public record SchemaVersion(long major, long minor) {}
