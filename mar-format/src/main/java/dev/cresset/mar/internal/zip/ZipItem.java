package dev.cresset.mar.internal.zip;

/**
 * An entry of a zip whose headers agree.
 *
 * @param data where its data lie
 */
record ZipItem(ZipHeader header, long data) {}
