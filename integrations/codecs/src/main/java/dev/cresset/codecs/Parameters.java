package dev.cresset.codecs;

/** The values that parameters may have: Boolean, Long, Double, String, BigInteger. */
final class Parameters {

    private Parameters() {}

    static IllegalArgumentException noForm(String name, Object value) {
        return new IllegalArgumentException("parameter '" + name + "' is a "
                + value.getClass().getSimpleName() + ", expected a Boolean, Long, Double, String or BigInteger");
    }
}
