package dev.cresset.flink;

/** What became of an {@link Event}. */
public record Score(long id, float score, String version) {}
