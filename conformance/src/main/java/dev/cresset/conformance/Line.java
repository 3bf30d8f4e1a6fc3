package dev.cresset.conformance;

/**
 * What came of one case, computed one way by one engine.
 */
record Line(Case one, String engine, Way way, Outcome outcome) {

    @Override
    public String toString() {
        return String.join("\t", one.name(), engine, way.toString(), outcome.toLine());
    }
}
